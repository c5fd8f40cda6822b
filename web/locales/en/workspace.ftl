workspace-gone-title = Withdrawn: { $title }
workspace-gone = Withdrawn
workspace-gone-by = There was a dataset at this address. <a>{ $publisher }</a> withdrew it on { $day }.
workspace-gone-on = There was a dataset at this address. Its publisher withdrew it on { $day }.
workspace-gone-why = Why
workspace-gone-stays = The address stays taken, so that nothing else is ever shown in its place.
workspace-gone-identifier = The dataset’s identifier was { $identifier }.
workspace-publisher = Publisher
workspace-until = Until
workspace-error = Error:
workspace-save = Save
workspace-desk = Desk
workspace-choose = Choose
workspace-nothing = nothing
workspace-untitled = (without title)
workspace-drafts = Drafts
workspace-held-back = Held back
workspace-people = People
workspace-audit = Audit
workspace-jobs = Jobs
workspace-add-a-source = Add a source
workspace-api-services = API services
workspace-demand = Demand
workspace-applications = Applications
workspace-tariff = Tariff
workspace-register = Register
workspace-role = { $role ->
    [operator] operator
    [steward] steward
    [publisher] publisher
    [developer] developer
    [auditor] auditor
    [editor] editor
    [reviewer] reviewer
    [manager] manager
    [portal] portal
    [oneself] themselves
   *[other] { $role }
}
workspace-the-portal = the portal
workspace-the-operator = the portal’s operator
workspace-somebody-gone = somebody whose account is gone
workspace-taken = There is a { $what } “{ $name }” already
