screen-title = Revisado en busca de datos personales
screen-verdict-pass = No se encontró nada
screen-verdict-notes = Admitido, con observaciones
screen-verdict-released = Admitido tras revisión
screen-verdict-told = Se encontraron datos personales
screen-reports-only = Este portal informa de lo que encuentra y no retiene nada.
screen-description = Descripción
screen-nothing = No se encontró nada.
screen-when = Revisado el { $day } según las reglas { $rules }
screen-more = { $files ->
    [one] { $files } archivo más figura en el informe completo.
   *[other] { $files } archivos más figuran en el informe completo.
}
screen-all = El informe completo como datos
screen-kind = { $kind ->
    [email] direcciones de correo
    [phone] números de teléfono
    [iban] cuentas bancarias
    [payment-card] tarjetas de pago
    [national-id] identificadores nacionales
    [passport] números de pasaporte
    [driving-licence] permisos de conducir
    [vehicle-plate] matrículas
    [ip-address] direcciones de internet
    [mac-address] direcciones de red de dispositivos
    [device-id] identificadores de dispositivos
    [coordinates] posiciones precisas
    [birth-date] fechas de nacimiento
    [person-name] nombres de personas
    [home-address] domicilios
    [health] salud
    [special-category] categorías especiales
    [free-text] textos sobre personas
    [credentials] nombres de usuario o contraseñas
    [public-contact] contactos de organismos públicos
    [re-identification] combinaciones que señalan a una persona
    [small-cells] recuentos muy pequeños
    [document-property] nombres en las propiedades del documento
   *[other] otros
}
screen-released = { $reason ->
    [public-office] Admitido tras revisión, porque las personas ejercen un cargo público:
    [legal-duty] Admitido tras revisión, porque una ley exige su publicación:
    [consent] Admitido tras revisión, porque las personas han dado su consentimiento:
    [anonymised] Admitido tras revisión, porque los datos se anonimizaron antes:
    [historical] Admitido tras revisión, porque las personas han fallecido:
   *[not-personal] En la revisión se comprobó que no son datos personales:
}
