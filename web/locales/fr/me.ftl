me-present-password = Votre mot de passe actuel
me-back = Retour à votre compte
me-change-password = Changer votre mot de passe
me-signed-out-elsewhere = Vous serez déconnecté partout ailleurs.
me-remove-factor = Supprimer le second facteur
me-remove-factor-lead = La connexion demandera moins, d’autres entreront donc plus facilement. Vous serez déconnecté partout ailleurs.
me-remove = Le supprimer
me-erase = Effacer votre compte
me-erase-mine = Effacer mon compte
me-erase-lead = Votre compte disparaît avec tout ce qui vous concerne. Les applications que personne ne partage avec vous sont fermées et leurs clés cessent aussitôt de fonctionner. C’est irréversible.
me-title = Votre compte
me-export = Tout exporter en JSON
me-ways-in = Comment vous vous connectez
me-password-set = défini
me-none = aucun
me-password-none = aucun
me-set-password = Définir un mot de passe
me-second-factor = Second facteur
me-factor-in-use = { $count ->
    [one] en service, encore { $count } code de secours
   *[other] en service, encore { $count } codes de secours
}
me-linked = lié le { $day }
me-unlink = Dissocier { $provider }
me-only-way = votre seul accès
me-not-linked = non lié
me-link = Lier { $provider }
me-sessions = Où vous êtes connecté
me-sign-out-everywhere = Se déconnecter partout
me-sessions-table = Tableau des sessions
me-device = Appareil
me-since = Depuis
me-last-used = Dernière utilisation
me-end-it = Y mettre fin
me-this-one = celle-ci
me-end = Terminer
me-end-on = : { $device }
me-kept = Ce que nous conservons sur vous
me-kept-lead = Tout, avec sa raison et son terme. La consultation des données ne laisse aucune trace ici : les visites sont comptées sans dire de qui elles sont.
me-kept-table = Tableau de ce qui est conservé
me-what = Quoi
me-content = Contenu
me-why = Pourquoi
me-until = Jusqu’à
me-letters = Messages
me-letters-language = Langue
me-letters-save = Enregistrer
me-letters-text = Les messages vous parviennent dans cette langue, et les pages la parlent dans ce navigateur.
me-alerts = Messages sur vos applications
me-alerts-table = Tableau des messages sur vos applications
me-alerts-application = Application
me-alerts-told = Vous êtes prévenu
me-alerts-change = Modifier
me-alerts-none = de rien
me-alerts-quota = quand { $shares } d’un quota sont utilisés
me-alerts-errors = quand { $percent } % des appels d’une heure échouent
me-alerts-silence = { $days ->
    [one] après { $days } jour sans appel
   *[other] après { $days } jours sans appel
}
me-alerts-choose = Choisir
me-alerts-off = Arrêter
me-part = { $name ->
    [set_up] mis en place
    [in_use_since] en service depuis
    [recovery_codes_left] codes de secours restants
    [provider] fournisseur
    [subject] identifiant chez lui
    [email] adresse électronique
    [linked_at] reliée
    [last_used_at] dernière utilisation
    [device] appareil
    [began] début
    [last_used] dernière utilisation
    [name] nom
    [plan] plan
    [created_at] créé
    [letters_at_quota_percents] messages à ces parts du quota, en pour cent
    [letters_at_error_percent] message à une part d’erreurs, en pour cent
    [letters_after_silent_days] message après des jours de silence
    [organisation] organisation
    [role] rôle
    [question] question
    [asked_at] demandé
    [title] titre
   *[other] { $words }
} : { $value }
