publisher-list-description = Les organismes qui publient leurs données ici.
publisher-list-none = Aucun producteur pour l’instant.
publisher-list-count = { $count ->
    [one] { $count } organisme publie ses données ici.
   *[other] { $count } organismes publient leurs données ici.
}
publisher-search-by-name = Rechercher un producteur par son nom
publisher-list-empty = Les producteurs apparaissent ici avec leur premier jeu de données.
publisher-list-no-match = Aucun nom de producteur ne contient « { $words } ». <a>Tout afficher</a>
publisher-datasets = { $count ->
    [one] { $count } jeu de données
   *[other] { $count } jeux de données
}
publisher-description = { $count ->
    [one] { $count } jeu de données public de { $name }.
   *[other] { $count } jeux de données publics de { $name }.
}
publisher-part-of = Fait partie de { $name }
publisher-homepage = Site web
publisher-search-own = Rechercher dans les jeux de données de { $name }
publisher-search-own-short = Rechercher chez ce producteur
publisher-empty = Ce producteur n’a pour l’instant aucun jeu de données ici.
publisher-about-data = À propos des données de ce producteur
publisher-themes = Thèmes
publisher-formats = Formats
publisher-as-data = Sous forme de données
