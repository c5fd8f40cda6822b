quality-title = Qualité de la description
quality-points = <strong>{ $points }</strong> points sur { $most }
quality-points-mean = <strong>{ $points }</strong> points sur { $most } en moyenne
quality-stars = { $stars } <a>étoiles de données ouvertes</a> sur 5
quality-of = { $points } sur { $most }
quality-mend-first = À améliorer d’abord
quality-broken = Liens qui ne répondent pas
quality-all = Tous les indicateurs sous forme de données
quality-findability = Facile à trouver
quality-accessibility = Accessible
quality-interoperability = Lisible par des programmes
quality-reusability = Réutilisation claire
quality-contextuality = Bien décrit
quality-excellent = Excellente
quality-good = Bonne
quality-sufficient = Suffisante
quality-poor = Faible
quality-gain = { $points ->
    [one] { $points } point
   *[other] { $points } points
}
quality-gain-in = { $datasets ->
    [one] { $points } points dans { $datasets } jeu de données
   *[other] { $points } points dans { $datasets } jeux de données
}
quality-links = { $broken ->
    [one] { $broken } lien sur { $all } ne répond pas.
   *[other] { $broken } liens sur { $all } ne répondent pas.
}
quality-advice = { $metric ->
    [keyword] Ajoutez des mots-clés que les gens chercheraient.
    [theme] Indiquez au moins un thème, de préférence par son adresse dans la liste des thèmes de l’UE.
    [spatial] Indiquez le lieu ou la zone que couvrent les données.
    [temporal] Indiquez la période que couvrent les données.
    [access-url-answers] Réparez l’adresse d’accès : elle ne répond pas, ou il n’y en a pas.
    [download-url] Donnez une adresse où télécharger le fichier lui-même.
    [download-url-answers] Réparez l’adresse de téléchargement : elle ne répond pas, ou il n’y en a pas.
    [format] Indiquez le format de chaque fichier.
    [media-type] Indiquez le type de média de chaque fichier, par exemple text/csv.
    [format-from-vocabulary] Utilisez un format de la liste de l’UE et un type de média enregistré à l’IANA.
    [non-proprietary] Proposez aussi les données dans un format ouvert, par exemple CSV, JSON ou GeoPackage.
    [machine-readable] Proposez les données dans un format lisible par des programmes, par exemple CSV, JSON ou XML.
    [profile-compliance] Renseignez ce que demande le profil DCAT-AP : un titre et une description, le nom du producteur, et une adresse pour chaque distribution.
    [licence] Indiquez sous quelle licence les données peuvent être utilisées.
    [licence-from-vocabulary] Désignez la licence par son adresse, par exemple celle de Creative Commons ou de la liste de l’UE.
    [access-rights] Indiquez si les données sont publiques, restreintes ou non publiques.
    [access-rights-from-vocabulary] Donnez les droits d’accès par leur adresse dans la liste de l’UE.
    [contact-point] Indiquez un service à contacter, avec une adresse ou un formulaire.
    [publisher] Indiquez le producteur.
    [rights] Indiquez les droits qui vont au-delà de la licence, ou qu’il n’y en a pas.
    [byte-size] Indiquez la taille de chaque fichier en octets.
    [issued] Indiquez quand les données ont été publiées pour la première fois.
    [modified] Indiquez quand les données ont été modifiées pour la dernière fois.
   *[other] { $advice }
}
