workspace-gone-title = Retirado: { $title }
workspace-gone = Retirado
workspace-gone-by = En esta dirección había un conjunto de datos. <a>{ $publisher }</a> lo retiró el { $day }.
workspace-gone-on = En esta dirección había un conjunto de datos. Su publicador lo retiró el { $day }.
workspace-gone-why = Por qué
workspace-gone-stays = La dirección queda reservada para que nunca aparezca otra cosa en su lugar.
workspace-gone-identifier = El identificador del conjunto de datos era { $identifier }.
workspace-publisher = Publicador
workspace-until = Hasta
workspace-error = Error:
workspace-save = Guardar
workspace-desk = Escritorio
workspace-choose = Elegir
workspace-nothing = nada
workspace-untitled = (sin título)
workspace-drafts = Borradores
workspace-held-back = Retenido
workspace-people = Personas
workspace-audit = Auditoría
workspace-jobs = Tareas
workspace-add-a-source = Añadir una fuente
workspace-api-services = Servicios API
workspace-demand = Demanda
workspace-applications = Aplicaciones
workspace-tariff = Tarifa
workspace-register = Registro
workspace-role = { $role ->
    [operator] operador
    [steward] responsable
    [publisher] publicador
    [developer] desarrollador
    [auditor] auditor
    [editor] editor
    [reviewer] revisor
    [manager] gestor
    [portal] portal
    [oneself] sí mismo
   *[other] { $role }
}
workspace-the-portal = el portal
workspace-the-operator = el operador del portal
workspace-somebody-gone = alguien cuya cuenta ya no existe
workspace-taken = Ya existe «{ $name }» ({ $what })
