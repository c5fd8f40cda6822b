service-level-description = La qualité du service, d’après les appels auxquels le portail a répondu.
service-level-lead = La qualité du service, d’après les appels réellement servis. Rien ici ne vient d’une sonde.
service-level-last = { $window ->
    [day] Les dernières 24 heures
    [week] Les 7 derniers jours
   *[quarter] Les 90 derniers jours
}
service-level-no-call = Aucun appel pour l’instant.
service-level-available = <strong>{ $share }</strong> des { $calls } réponses n’étaient pas un échec du portail. Un échec est un statut de 500 ou plus ; les pages du portail ne sont pas comptées.
service-level-class-table = Tableau du service par type d’appel : { $window }
service-level-by-kind = Par type d’appel
service-level-kind = Type
service-level-calls = Appels
service-level-available-head = Disponible
service-level-itself = le portail lui-même
service-level-refusal-table = Tableau des refus par plan : { $window }
service-level-refused-by-plan = Refusés, par plan
service-level-refused = Refusés
service-level-share = Part
service-level-fresh = Des données fraîches
service-level-no-source = Aucune source n’est moissonnée selon un calendrier.
service-level-fresh-text = { $fresh } des { $all } sources planifiées ont été moissonnées avec succès en moins de deux fois leur intervalle.
service-level-latest = Le dernier moissonnage réussi s’est terminé le { $moment }.
service-level-oldest = La source qui attend depuis le plus longtemps a été moissonnée le { $moment }.
service-level-true = Ces nombres sont-ils vrais ?
service-level-true-text = Chaque appel est inscrit dans un fichier avant la fin de sa réponse. Les inscriptions sont recomptées et doivent donner ce qui a été ajouté aux totaux, les totaux, et ce qui est dit aux titulaires de clés.
service-level-not-compared = Rien n’a encore été comparé.
service-level-agree = <strong>Ils concordent</strong> pour chaque jour comparé.
service-level-differ = <strong>Ils diffèrent de { $calls } appels.</strong> L’exploitant a été alerté.
service-level-comparisons = Tableau des comparaisons
service-level-day = Jour
service-level-compared = Comparé
service-level-files = Fichiers recomptés
service-level-recount = Recompte
service-level-added = Ajouté
service-level-sums = Totaux
service-level-told = Dit aux titulaires
service-level-difference = Écart
service-level-of = { $part } sur { $whole }
service-level-still-written = Les fichiers en cours d’écriture sont recomptés à leur fermeture.
service-level-unreadable = Fichiers illisibles
service-level-unreadable-text = Ils ont été mis de côté ; leur contenu manque aux totaux jusqu’à réparation.
service-level-data = <a>Niveau de service sous forme de données</a>, <a2>comparaisons sous forme de données</a2>, <a3>usage de ce portail en données ouvertes</a3>
