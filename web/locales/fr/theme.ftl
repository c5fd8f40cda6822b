theme-all = Thèmes
theme-all-lead = Tout le catalogue, par sujet.
theme-none = Il n’y a encore rien ici.
theme-description = { $count ->
    [one] { $count } jeu de données public : { $name }.
   *[other] { $count } jeux de données publics : { $name }.
}
theme-datasets = { $count ->
    [one] { $count } jeu de données
   *[other] { $count } jeux de données
}
theme-datasets-word = { $count ->
    [one] jeu de données
   *[other] jeux de données
}
theme-search-within = Chercher dans { $name }
theme-empty = Aucun jeu de données public ne figure ici pour le moment.
theme-more = Pour continuer
theme-formats = Formats
theme-as-data = Sous forme de données
