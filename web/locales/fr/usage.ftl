usage-calls = Appels
usage-units = Unités
usage-data = Données
usage-errors = Erreurs
usage-refused = Refusés
usage-from-cache = Du cache
usage-unchanged = Inchangés
usage-use = Usage
usage-lead = Chaque appel servi, compté en quelques secondes. Les exploitants voient ces nombres et aucun autre.
usage-small-numbers = Les nombres derrière lesquels il y a moins de cinq utilisateurs sont omis, et avec eux le plus petit des autres, afin que personne ne transparaisse.
usage-in-all = Au total
usage-portal-errors = Erreurs du portail
usage-refused-free = Refusés, sans frais
usage-time = Temps de réponse
usage-time-text = la moitié en { $p50 }, 95 % en { $p95 }, 99 % en { $p99 }
usage-over-time = Dans le temps
usage-by = Par
usage-period-minute = minute
usage-period-hour = heure
usage-period-day = jour
usage-kept = (UTC). Les minutes sont conservées 7 jours, les heures 90 jours, les jours pour toujours.
usage-no-call = Aucun appel pour l’instant.
usage-chart = Appels du { $from } au { $to }, jusqu’à { $most } par intervalle
usage-bar = { $calls ->
    [one] { $step } : { $calls } appel
   *[other] { $step } : { $calls } appels
}
usage-table-time = Tableau de l’usage dans le temps
usage-from = À partir de
usage-same = <a>Les mêmes informations sous forme de données</a>, <a2>en CSV</a2>
usage-by-what = { $by ->
    [operation] Par opération
    [dataset] Par jeu de données
    [status] Par statut
   *[class] Par type d’appel
}
usage-table-by = Tableau de l’usage : { $by }
usage-head = { $by ->
    [operation] Opération
    [dataset] Jeu de données
    [status] Statut
   *[class] Type d’appel
}
usage-title = Usage de { $name }
usage-agency-title = Usage des données de { $name }
usage-no-dataset = aucun jeu de données en particulier
usage-troubles = Erreurs et refus
usage-troubles-chart = Erreurs et refus du { $from } au { $to }, jusqu’à { $most } par pas
usage-times-chart = Temps de réponse du { $from } au { $to } : médiane, 95e et 99e centile, jusqu’à { $most }
usage-times-legend = p50 continu, p95 en tirets, p99 en pointillé
usage-alerts = Messages
usage-alerts-lead = Les messages vont à { $email }, dans la langue du compte qui porte cette adresse. Chacun part une seule fois.
usage-alerts-lead-owners = Les messages vont aux propriétaires de l’organisation, à chacun dans la langue de son compte. Chacun part une seule fois.
usage-alerts-quota = Quand une telle part d’un quota est utilisée
usage-alerts-quota-hint = Un message par part et par fenêtre.
usage-alerts-percent = { $percent } %
usage-alerts-errors = Quand des appels échouent
usage-alerts-errors-hint = La part des appels d’une heure dont la réponse a un statut de 400 ou plus, à partir de { $fewest } appels. Un message par jour au plus.
usage-alerts-never = aucun message
usage-alerts-from-percent = à partir de { $percent } %
usage-alerts-silence = Quand il ne vient plus d’appel
usage-alerts-silence-hint = Un message par silence.
usage-alerts-after-days = { $days ->
    [one] après { $days } jour
   *[other] après { $days } jours
}
usage-alerts-save = Enregistrer
usage-alerts-off = Arrêter tous les messages
usage-alert-kind-quota = une part d’un quota est utilisée
usage-alert-kind-errors = des appels échouent
usage-alert-kind-silence = il ne vient plus d’appel
usage-alert-end-title = Arrêter ces messages ?
usage-alert-end-text = Messages sur { $name }, quand { $kind }.
usage-alert-end = Les arrêter
usage-alert-ended-title = Ces messages sont arrêtés
usage-alert-ended-text = Vous n’êtes plus prévenu pour { $name } quand { $kind }. Tout le reste demeure.
