home-title = Des données publiques pour tous
home-browse = { $count ->
    [one] Parcourir l’unique jeu de données
   *[other] Parcourir les { $count } jeux de données
}
home-browse-catalogue = Parcourir le catalogue
home-publishers = { $count ->
    [one] de { $count } producteur
   *[other] de { $count } producteurs
}
home-topics = Parcourir par thème
home-empty = Rien n’est encore publié. Dès que le catalogue d’une administration est moissonné, ses jeux de données apparaissent ici.
home-side = Producteurs et développeurs
home-all-publishers = Tous les producteurs
home-building = Vous construisez quelque chose ?
home-building-text = Chaque jeu de données est aussi une API. Essayez-la sans clé ; une clé gratuite prend moins d’une minute.
home-what = Ce que vous pouvez faire ici
home-find = Trouver et télécharger
home-find-text = Cherchez dans tous les catalogues à la fois, voyez qui publie, si c’est à jour et ce que permet la licence. Sans compte ni cookie.
home-build = Construire des services
home-build-text = Une seule API documentée pour tout. Les clés sont immédiates et gratuites, les limites sont honnêtes et indiquées dans chaque réponse.
home-fair = Vérifier que c’est équitable
home-fair-text = Un seul tarif public pour tous. <a>Chaque limite, et chaque changement</a>, est public.
home-most-used = Les plus utilisés
home-most-used-note = Requêtes des trente derniers jours, dès lors qu’au moins cinq appelants en sont à l’origine.
home-ask = Demandez, on vous répond
home-ask-text = Interrogez le producteur auprès de chaque jeu de données et <a>demandez les données</a> qui manquent. Questions et réponses sont publiques.
home-follow = Restez informé
home-follow-text = Suivez un jeu de données, un producteur ou une recherche : par courriel, webhook ou flux. Sans compte, un clic pour arrêter.
home-requests = { $count ->
    [one] { $count } requête
   *[other] { $count } requêtes
}
