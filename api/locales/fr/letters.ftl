letter-subject = { $title } : { $subject }
letter-register-subject = terminez votre inscription
letter-register =
    Quelqu’un, vous sans doute, veut inscrire cette adresse sur { $title }.

    Ce lien permet de continuer, une seule fois, dans les { $minutes } minutes :

    { $url }/register/confirm?token={ $token }

    Si ce n’était pas vous, ignorez ce message : rien n’a été conservé.
letter-known-subject = vous avez un compte
letter-known =
    Quelqu’un, peut-être vous, a essayé d’inscrire cette adresse sur { $title }. Elle a déjà un compte.

    Se connecter : { $url }/sign-in
    Un nouveau mot de passe : { $url }/forgotten-password

    Si ce n’était pas vous, ignorez ce message : rien n’a changé.
letter-password-subject = choisissez un nouveau mot de passe
letter-password =
    Quelqu’un, vous sans doute, a demandé un nouveau mot de passe sur { $title }.

    Ce lien permet de continuer, une seule fois, dans les { $minutes } minutes :

    { $url }/forgotten-password/new?token={ $token }

    Si ce n’était pas vous, ignorez ce message : votre mot de passe reste tel quel.
letter-unknown-subject = aucun compte à cette adresse
letter-unknown =
    Quelqu’un, peut-être vous, a demandé un nouveau mot de passe sur { $title }. Il n’y a pas de compte à cette adresse.

    S’inscrire : { $url }/register

    Si ce n’était pas vous, ignorez ce message : rien n’a été conservé.
letter-adopt-subject = confirmez votre adresse
letter-adopt =
    Quelqu’un, vous sans doute, est arrivé sur { $title } depuis un autre service et veut continuer avec cette adresse.

    Ouvrez ce lien dans le même navigateur, dans les { $minutes } minutes :

    { $url }/sign-in/identity-link?token={ $token }

    Si ce n’était pas vous, ne l’ouvrez pas. Rien n’a changé.
letter-application-subject = confirmez votre adresse électronique
letter-application =
    Quelqu’un a inscrit une application avec cette adresse sur { $title }.

    Si c’était vous, ouvrez ce lien pour confirmer l’adresse ; votre clé a alors les limites du plan ouvert :

    { $url }/developers/verify?token={ $token }

    Si ce n’était pas vous, ignorez ce message.
letter-owner-subject = gérez vos applications
letter-owner =
    Quelqu’un, vous sans doute, a demandé à gérer les applications qui portent cette adresse sur { $title }.

    Ce lien les ouvre, une seule fois, dans les { $minutes } minutes :

    { $url }/developers/manage?token={ $token }

    Si ce n’était pas vous, ignorez ce message : rien n’a changé.
letter-leak-subject = une clé trouvée en public a été révoquée
letter-leak =
    Quelqu’un nous a montré en entier une clé de votre application « { $name } » : « { $key } », qui commence par { $hint }. Qui peut la montrer pourrait l’utiliser ; elle a donc été révoquée aussitôt et les appels avec elle sont refusés.

    Créez ici une nouvelle clé, et gardez-la hors du code et des pages publics :

    { $url }/developers/applications/{ $id }

    Vos autres clés fonctionnent comme avant.
letter-token-leak-subject = un jeton de publication trouvé en public a été révoqué
letter-token-leak =
    Quelqu’un nous a montré en entier votre jeton de publication « { $name } » pour { $publisher } ; il commence par { $hint }. Qui peut le montrer pourrait publier avec ; il a donc été révoqué aussitôt et les appels avec lui sont refusés.

    Créez ici un nouveau jeton, et gardez-le hors du code et des pages publics. Vos autres jetons fonctionnent comme avant.

    { $url }/workspace/yours

    Ce qui a été fait récemment pour l’organisme figure dans l’audit :

    { $url }/workspace/audit
letter-quota-subject = { $percent } % du quota { $policy } utilisés
letter-quota =
    Votre application « { $name } » a utilisé { $percent } % de son quota { $policy } : { $quota } unités par fenêtre. La fenêtre se renouvelle le { $turns }. { $what }

    Les plans sont les mêmes pour tous : { $url }/transparency
    Voir votre utilisation : { $url }/developers/applications/{ $id }/usage
letter-quota-refused = D’ici là, les appels sont refusés avec le statut 429.
letter-quota-soon = Rien n’est encore refusé ; à 100 %, les appels sont refusés avec le statut 429 jusque-là.
letter-errors-subject = { $share } % des appels de { $name } ont échoué
letter-errors =
    Votre application « { $name } » a fait { $calls } appels dans l’heure qui commence le { $hour }. { $failed } ont échoué ({ $share } %) : la réponse avait un statut de 400 ou plus. Vous avez demandé à être prévenu à partir de { $percent } %. Il y a au plus un tel message par jour.

    Voir lesquels ont échoué : { $url }/developers/applications/{ $id }/usage?period=hour&by=status
letter-silence-subject = aucun appel de { $name } depuis { $span }
letter-silence =
    Votre application « { $name } » n’a fait aucun appel depuis { $span }. { $last } Si ce repos est voulu, tout va bien ; vous recevez un seul message par silence.
letter-silence-span = { $days ->
    [one] { $days } jour
   *[other] { $days } jours
}
letter-silence-last = Le dernier est arrivé avant le { $moment }.
letter-silence-never = Il n’y en avait pas eu avant non plus.
letter-alert-foot =
    Choisir de quoi être prévenu : { $url }/developers/applications/{ $id }/usage#alerts
    Arrêter ce genre de messages en un clic : { $off }
letter-organisation-subject = rejoignez { $name }
letter-organisation =
    Vous êtes invité à vous occuper des applications de « { $name } » sur { $title }.

    Ce lien accepte, une seule fois, dans les { $days } jours :

    { $url }/developers/invitation?token={ $token }

    Si vous ne savez pas de quoi il s’agit, ignorez ce message.
letter-publisher-subject = travaillez pour { $name }
letter-publisher =
    Vous êtes invité à être { $role } de « { $name } » sur { $title }.

    Connectez-vous ou inscrivez-vous, puis ouvrez ce lien ; il accepte, une seule fois, dans les { $days } jours :

    { $url }/workspace/invitation?token={ $token }

    Si vous ne savez pas de quoi il s’agit, ignorez ce message.
letter-role = { $role ->
    [editor] éditeur
    [reviewer] relecteur
    [manager] gestionnaire
   *[other] { $role }
}
letter-suspended-subject = votre application est suspendue
letter-suspended =
    Votre application « { $name } » (numéro { $number }) a été suspendue sur { $title }. Les appels avec ses clés sont refusés.

    Fondement : { $ground }
    Motif : { $reason }

    Elle sera réexaminée au plus tard le { $review }.{ $end }

    Le registre public dit la même chose, par numéro et sans votre nom : { $url }/transparency/register/{ $entry }

    Si c’est une erreur, répondez à l’équipe du portail.
letter-suspended-ends = Elle prend fin d’elle-même le { $day }.
letter-reinstated-subject = votre application fonctionne à nouveau
letter-reinstated =
    La suspension de votre application « { $name } » (numéro { $number }) est terminée : { $reason }.

    Ses clés fonctionnent comme avant. Le registre conserve l’entrée : { $url }/transparency/register/{ $entry }
letter-plan-subject-later = votre application passe au plan { $to } le { $day }
letter-plan-subject = votre application est au plan { $to }
letter-plan-later = Votre application « { $name } » ne remplit plus la règle publiée de son plan { $from }. À moins qu’elle ne la remplisse à nouveau, elle passe au plan { $to } le { $day }.
letter-plan = Selon les règles publiées, votre application « { $name } » est passée du plan { $from } au plan { $to }.
letter-plan-figures = La règle du plan { $from } demande { $needed } des 30 derniers jours avec au moins { $units } unités ; il y en a eu { $reached }.
letter-plan-foot =
    Les règles et les limites sont les mêmes pour tous : { $url }/transparency
    Vos propres chiffres : { $url }/api/v1/applications/{ $id }/eligibility
letter-confirm-subject = veuillez confirmer
letter-confirm =
    Quelqu’un, vous sans doute, a indiqué sur { $title } que vous voulez { $what }

    Ouvrez ce lien dans les { $days } jours pour le confirmer ; rien ne se passe avant :

    { $url }/confirm?token={ $token }

    Si ce n’était pas vous, ignorez ce message : votre adresse est alors oubliée.
letter-about-dataset = suivre le jeu de données « { $name } »
letter-about-publisher = suivre le producteur « { $name } »
letter-about-search = suivre la recherche { $name }
letter-about-question = poser cette question sur le jeu de données « { $name } » :
letter-about-request = demander ces données : « { $name } »
letter-about-support = soutenir la demande « { $name } »
letter-happened = { $kind ->
    [dataset-created] nouveau
    [dataset-withdrawn] retiré
    [dataset-restored] à nouveau public
    [table-published] nouvelles données
   *[other] mis à jour
}
letter-changes-of = changements de { $name }
letter-changes-count = { $count ->
    [one] { $count } changement de ce que vous suivez
   *[other] { $count } changements de ce que vous suivez
}
letter-changed = { $rhythm ->
    [daily] Voici ce qui a changé depuis hier :
    [weekly] Voici ce qui a changé la semaine dernière :
   *[other] Voici ce qui a changé :
}
letter-changed-gone = Ce qui a changé n’est plus public.
letter-changed-more = … et { $count } autres jeux de données, que votre page énumère.
letter-you-follow = Vous suivez :
letter-stop = arrêter : { $link }
letter-changes-foot =
    Tout ce que vous suivez, et ce qui a été remis :
    { $page }

    Arrêter ces messages :
    { $link }
letter-question-subject = votre question a reçu une réponse
letter-question =
    Vous avez demandé sur « { $name } » :

    { $question }

    Le producteur répond :

    { $answer }

    Les deux figurent ici :
    { $url }/datasets/{ $slug }#questions
letter-request-subject = { $state ->
    [open] { $name } est ouverte
    [under-review] { $name } est à l’examen
    [planned] { $name } sera satisfaite
    [published] { $name } est satisfaite : les données sont publiées
   *[other] { $name } a été refusée
}
letter-request = { $state ->
    [open] La demande « { $name } » est ouverte.
    [under-review] La demande « { $name } » est à l’examen.
    [planned] La demande « { $name } » sera satisfaite.
    [published] La demande « { $name } » est satisfaite : les données sont publiées.
   *[other] La demande « { $name } » a été refusée.
}
letter-request-data = Les données :
letter-request-foot = La demande, et tout ce qui s’en est dit :
letter-harvest-subject = { $state ->
    [awaiting] le moissonnage de { $source } attend votre approbation
    [failed] le moissonnage de { $source } a échoué
    [cancelled] le moissonnage de { $source } a été arrêté
    [mend] le moissonnage de { $source } est terminé, et des notices sont à corriger
    [done] le moissonnage de { $source } est terminé
   *[other] le moissonnage de { $source } est en cours
}
letter-harvest = { $state ->
    [awaiting] Le moissonnage de { $source } attend votre approbation.
    [failed] Le moissonnage de { $source } a échoué.
    [cancelled] Le moissonnage de { $source } a été arrêté.
    [mend] Le moissonnage de { $source } est terminé, et des notices sont à corriger.
    [done] Le moissonnage de { $source } est terminé.
   *[other] Le moissonnage de { $source } est en cours.
}
letter-harvest-count = { $what ->
    [found] trouvés
    [created] créés
    [updated] mis à jour
    [unchanged] inchangés
    [deleted] supprimés
    [refused] refusés
   *[other] échoués
}
letter-harvest-braked = Il retirerait { $braked } jeux de données sur { $before }. Rien n’est retiré avant que quelqu’un n’approuve.
letter-harvest-foot =
    Ce qu’est devenue chaque notice, et ce qui est à corriger :
    { $url }/workspace/jobs/{ $job }

    Qui reçoit ces messages, et quand, se décide ici :
    { $url }/workspace/sources/{ $source }/contacts
letter-untitled = sans titre
letter-submitted-subject = un brouillon de { $publisher } attend une relecture
letter-submitted = Le brouillon « { $name } » de { $publisher } a été soumis et attend que quelqu’un l’approuve ou le renvoie.
letter-submitted-held = Le brouillon « { $name } » de { $publisher } a été soumis et attend une relecture. Le contrôle des données personnelles le retient : voyez d’abord ce qui a été trouvé et décidez-en ; il ne peut pas être publié avant.
letter-returned-subject = votre brouillon a été renvoyé
letter-returned = Le brouillon « { $name } » de { $publisher } a été renvoyé après relecture, avec des commentaires sur ce qui est à corriger.
letter-approved-subject = votre brouillon a été approuvé
letter-approved = Le brouillon « { $name } » de { $publisher } a été approuvé. Il sera public à l’heure prévue.
letter-published-subject = votre brouillon est public
letter-published = Le brouillon « { $name } » de { $publisher } est publié : tout le monde peut le lire.
letter-release-failed-subject = votre brouillon n’a pas pu être publié
letter-release-failed = L’heure du brouillon « { $name } » de { $publisher } est venue, et quelque chose s’y oppose. Une nouvelle tentative aura lieu.
letter-draft-held-subject = le contrôle des données personnelles retient votre brouillon
letter-draft-held = Le brouillon « { $name } » de { $publisher } semble contenir des données personnelles. Il n’est pas publié avant qu’un relecteur ne l’ait regardé.
letter-held-subject = le contrôle des données personnelles retient quelque chose
letter-held = Fichiers ou descriptions retenus par le contrôle des données personnelles : { $held }. Ils attendent un relecteur.
letter-held-of = Fichiers ou descriptions de { $publisher } retenus par le contrôle des données personnelles : { $held }. Ils attendent un relecteur.
letter-work-foot = Pour arrêter ces messages : { $url }/workspace/yours
