screen-title = Recherche de données personnelles
screen-verdict-pass = Rien trouvé
screen-verdict-notes = Admis, avec remarques
screen-verdict-released = Admis après relecture
screen-verdict-told = Données personnelles trouvées
screen-reports-only = Ce portail signale ce qui est trouvé et ne retient rien.
screen-description = Description
screen-nothing = Rien trouvé.
screen-when = Vérifié le { $day } selon les règles { $rules }
screen-more = { $files ->
    [one] { $files } autre fichier figure dans le rapport complet.
   *[other] { $files } autres fichiers figurent dans le rapport complet.
}
screen-all = Le rapport complet sous forme de données
screen-kind = { $kind ->
    [email] adresses électroniques
    [phone] numéros de téléphone
    [iban] comptes bancaires
    [payment-card] cartes de paiement
    [national-id] identifiants nationaux
    [passport] numéros de passeport
    [driving-licence] permis de conduire
    [vehicle-plate] plaques d’immatriculation
    [ip-address] adresses internet
    [mac-address] adresses réseau d’appareils
    [device-id] identifiants d’appareils
    [coordinates] positions précises
    [birth-date] dates de naissance
    [person-name] noms de personnes
    [home-address] adresses personnelles
    [health] santé
    [special-category] catégories particulières
    [free-text] textes sur des personnes
    [credentials] identifiants de connexion ou mots de passe
    [public-contact] contacts d’organismes publics
    [re-identification] combinaisons qui désignent une personne
    [small-cells] effectifs très faibles
    [document-property] noms dans les propriétés du document
   *[other] autre
}
screen-released = { $reason ->
    [public-office] Publication admise après relecture, car les personnes exercent une fonction publique :
    [legal-duty] Publication admise après relecture, car une loi l’exige :
    [consent] Publication admise après relecture, car les personnes ont donné leur accord :
    [anonymised] Publication admise après relecture, car les données ont été rendues anonymes auparavant :
    [historical] Publication admise après relecture, car les personnes sont décédées :
   *[not-personal] Une personne chargée de la relecture a constaté qu’il ne s’agit pas de données personnelles :
}
