series-all = Séries de jeux de données
series-all-lead = Des jeux de données qui vont ensemble, par exemple un par année.
series-members = Les jeux de données de cette série
