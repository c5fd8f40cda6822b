workspace-gone-title = Retiré : { $title }
workspace-gone = Retiré
workspace-gone-by = Il y avait un jeu de données à cette adresse. <a>{ $publisher }</a> l’a retiré le { $day }.
workspace-gone-on = Il y avait un jeu de données à cette adresse. Son producteur l’a retiré le { $day }.
workspace-gone-why = Pourquoi
workspace-gone-stays = L’adresse reste réservée, afin que rien d’autre n’apparaisse jamais à sa place.
workspace-gone-identifier = L’identifiant du jeu de données était { $identifier }.
workspace-publisher = Producteur
workspace-until = Jusqu’au
workspace-error = Erreur :
workspace-save = Enregistrer
workspace-desk = Bureau
workspace-choose = Choisir
workspace-nothing = rien
workspace-untitled = (sans titre)
workspace-drafts = Brouillons
workspace-held-back = Retenus
workspace-people = Personnes
workspace-audit = Audit
workspace-jobs = Tâches
workspace-add-a-source = Ajouter une source
workspace-api-services = Services API
workspace-demand = Demande
workspace-applications = Applications
workspace-tariff = Tarif
workspace-register = Registre
workspace-role = { $role ->
    [operator] opérateur
    [steward] intendant
    [publisher] producteur
    [developer] développeur
    [auditor] auditeur
    [editor] éditeur
    [reviewer] relecteur
    [manager] gestionnaire
    [portal] portail
    [oneself] soi-même
   *[other] { $role }
}
workspace-the-portal = le portail
workspace-the-operator = l’opérateur du portail
workspace-somebody-gone = une personne dont le compte n’existe plus
workspace-taken = Il y a déjà un élément « { $name } » ({ $what })
