search-ask-data = Demander des données
search-ask-this = Demander ces données
search-ask-search = Rechercher des jeux de données
search-ask-thanks = Merci
search-ask-more = Rechercher autre chose
search-ask-counted = Votre demande est comptée, sans votre nom. Les producteurs la voient dès que cinq personnes au moins ont demandé la même chose.
search-ask-lead = Les producteurs voient ce que beaucoup cherchent sans le trouver. Seuls les mots sont comptés, pas les personnes ; ils apparaissent à partir de cinq demandes.
search-ask-looked-for = Vous avez cherché « { $about } ».
search-filter-publisher = Producteur
search-filter-theme = Thème
search-filter-keyword = Mot-clé
search-filter-format = Format
search-filter-licence = Licence
search-filter-language = Langue
search-filter-place = Lieu
search-filter-high-value = Catégorie de forte valeur
search-filter-quality = Qualité
search-filter-access = Accès
search-kind-service = Service d’API
search-kind-series = Série
search-publisher-missing = Producteur non indiqué
search-formats = Formats
search-more-formats = et { $count } de plus
search-updated = Mis à jour { $ago }
search-late = En retard ; mise à jour promise : { $promise }
search-no-licence = Aucune licence indiquée
search-own-terms = Conditions du producteur
search-page = (page { $number })
search-this = Cette recherche
search-description = { $count ->
    [one] { $count } jeu de données public avec son producteur, sa licence et ses formats.
   *[other] { $count } jeux de données publics avec leur producteur, leur licence et leurs formats.
}
search-narrow = Affiner
search-filters = Filtres
search-facet-datasets = jeux de données
search-facet-set = jeux de données, filtre actif : choisir pour le retirer
search-nothing = Aucun résultat
search-found = { $count ->
    [one] { $count } jeu de données
   *[other] { $count } jeux de données
}
search-found-for = { $count ->
    [one] { $count } jeu de données pour « { $words } »
   *[other] { $count } jeux de données pour « { $words } »
}
search-sort-by = Trier par
search-best-match = Pertinence
search-title = Titre
search-sort = Trier
search-filters-set = Filtres actifs
search-take-off = Retirer le filtre
search-take-all-off = Tout retirer
search-no-word = Aucun jeu de données ne contient « { $typed } ». Ceux-ci contiennent <strong>{ $taken }</strong>.
search-few-word = { $count ->
    [one] Seul { $count } jeu de données contient « { $typed } ». La recherche porte aussi sur <strong>{ $taken }</strong>.
   *[other] Seuls { $count } jeux de données contiennent « { $typed } ». La recherche porte aussi sur <strong>{ $taken }</strong>.
}
search-did-you-mean = { $count ->
    [one] Vouliez-vous dire <a>{ $words }</a> ? On trouve { $count } jeu de données.
   *[other] Vouliez-vous dire <a>{ $words }</a> ? On trouve { $count } jeux de données.
}
search-some-words = Aucun jeu de données ne contient tous ces mots. Ceux-ci en contiennent certains.
search-with-all = { $count ->
    [one] { $count } jeu de données contient tous ces mots. Les autres en contiennent certains.
   *[other] { $count } jeux de données contiennent tous ces mots. Les autres en contiennent certains.
}
search-none = Aucun jeu de données ne correspond.
search-none-words = Aucun jeu de données ne correspond à « { $words } ».
search-none-filters = Aucun jeu de données ne correspond à ces filtres.
search-none-both = Aucun jeu de données ne correspond à « { $words } » avec ces filtres.
search-without-filters = Rechercher sans les filtres
search-fewer-words = Essayez moins de mots, ou des mots plus généraux.
search-spelling = Vérifiez l’orthographe, ou essayez une autre langue : beaucoup de titres sont dans celle de leur producteur.
search-browse = Parcourir <a>{ $topic }</a>
search-ask = <a>Demandez ces données</a> : les producteurs voient ce qui est cherché sans être trouvé.
search-nearest = Les plus proches
search-range = { $first } à { $last } sur { $all }
search-has-api = Avec une API
search-quality = { $rating ->
    [excellent] Excellente
    [good] Bonne
    [sufficient] Suffisante
    [bad] Faible
   *[other] { $rating }
}
search-follow = Suivre cette recherche
search-ask-public = En faire une demande publique que d’autres peuvent soutenir
