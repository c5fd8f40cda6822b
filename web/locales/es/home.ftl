home-title = Datos públicos para todos
home-browse = { $count ->
    [one] Ver el único conjunto de datos
   *[other] Explorar los { $count } conjuntos de datos
}
home-browse-catalogue = Explorar el catálogo
home-publishers = { $count ->
    [one] de { $count } publicador
   *[other] de { $count } publicadores
}
home-topics = Explorar por tema
home-empty = Todavía no hay nada publicado. En cuanto se recolecte el catálogo de un organismo, sus conjuntos de datos aparecerán aquí.
home-side = Publicadores y desarrolladores
home-all-publishers = Todos los publicadores
home-building = ¿Está creando algo?
home-building-text = Cada conjunto de datos es también una API. Pruébela sin clave; una clave gratis lleva menos de un minuto.
home-what = Qué puede hacer aquí
home-find = Encontrar y descargar
home-find-text = Busque en todos los catálogos a la vez y vea quién publica, si está al día y qué permite la licencia. Sin cuenta ni cookies.
home-build = Crear servicios
home-build-text = Una sola API documentada para todo. Las claves son inmediatas y gratis; los límites son honestos y van en cada respuesta.
home-fair = Comprobar que es justo
home-fair-text = Una sola tarifa pública para todos. <a>Cada límite, y cada cambio</a>, es público.
home-most-used = Más utilizados
home-most-used-note = Peticiones de los últimos treinta días, si hay detrás al menos cinco usuarios.
home-ask = Pregunte y obtenga respuesta
home-ask-text = Pregunte al organismo en cada conjunto de datos y <a>pida los datos</a> que faltan. Preguntas y respuestas son públicas.
home-follow = Manténgase al día
home-follow-text = Siga un conjunto de datos, un organismo o una búsqueda: por correo, webhook o fuente. Sin cuenta, un clic para dejarlo.
home-requests = { $count ->
    [one] { $count } petición
   *[other] { $count } peticiones
}
