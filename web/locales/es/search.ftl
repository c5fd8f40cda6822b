search-ask-data = Pedir datos
search-ask-this = Pedir estos datos
search-ask-search = Buscar conjuntos de datos
search-ask-thanks = Gracias
search-ask-more = Buscar otra cosa
search-ask-counted = Queda contado, sin su nombre. Los publicadores lo ven cuando al menos cinco personas han pedido lo mismo.
search-ask-lead = Los publicadores ven lo que muchos buscan y no encuentran. Solo se cuentan las palabras, no quién preguntó; se muestran a partir de cinco peticiones.
search-ask-looked-for = Ha buscado «{ $about }».
search-filter-publisher = Publicador
search-filter-theme = Tema
search-filter-keyword = Palabra clave
search-filter-format = Formato
search-filter-licence = Licencia
search-filter-language = Idioma
search-filter-place = Lugar
search-filter-high-value = Categoría de alto valor
search-filter-quality = Calidad
search-filter-access = Acceso
search-kind-service = Servicio API
search-kind-series = Serie
search-publisher-missing = Publicador no indicado
search-formats = Formatos
search-more-formats = y { $count } más
search-updated = Actualizado { $ago }
search-late = Con retraso; actualización prometida: { $promise }
search-no-licence = Sin licencia indicada
search-own-terms = Condiciones propias del publicador
search-page = (página { $number })
search-this = Esta búsqueda
search-description = { $count ->
    [one] { $count } conjunto de datos público con su publicador, licencia y formatos.
   *[other] { $count } conjuntos de datos públicos con su publicador, licencia y formatos.
}
search-narrow = Acotar
search-filters = Filtros
search-facet-datasets = conjuntos de datos
search-facet-set = conjuntos de datos, activo: elegir para quitarlo
search-nothing = Nada encontrado
search-found = { $count ->
    [one] { $count } conjunto de datos
   *[other] { $count } conjuntos de datos
}
search-found-for = { $count ->
    [one] { $count } conjunto de datos para «{ $words }»
   *[other] { $count } conjuntos de datos para «{ $words }»
}
search-sort-by = Ordenar por
search-best-match = Relevancia
search-title = Título
search-sort = Ordenar
search-filters-set = Filtros activos
search-take-off = Quitar el filtro
search-take-all-off = Quitar todos
search-no-word = Ningún conjunto de datos contiene «{ $typed }». Estos contienen <strong>{ $taken }</strong>.
search-few-word = { $count ->
    [one] Solo { $count } conjunto de datos contiene «{ $typed }». También se ha buscado <strong>{ $taken }</strong>.
   *[other] Solo { $count } conjuntos de datos contienen «{ $typed }». También se ha buscado <strong>{ $taken }</strong>.
}
search-did-you-mean = { $count ->
    [one] ¿Quería decir <a>{ $words }</a>? Encuentra { $count } conjunto de datos.
   *[other] ¿Quería decir <a>{ $words }</a>? Encuentra { $count } conjuntos de datos.
}
search-some-words = Ningún conjunto de datos contiene todas estas palabras. Estos contienen algunas.
search-with-all = { $count ->
    [one] { $count } conjunto de datos contiene todas estas palabras. Los demás contienen algunas.
   *[other] { $count } conjuntos de datos contienen todas estas palabras. Los demás contienen algunas.
}
search-none = Ningún conjunto de datos coincide.
search-none-words = Ningún conjunto de datos coincide con «{ $words }».
search-none-filters = Ningún conjunto de datos coincide con estos filtros.
search-none-both = Ningún conjunto de datos coincide con «{ $words }» y estos filtros.
search-without-filters = Buscar sin los filtros
search-fewer-words = Pruebe con menos palabras o con otras más generales.
search-spelling = Revise la ortografía o pruebe otro idioma: muchos títulos están en el de su publicador.
search-browse = Explorar <a>{ $topic }</a>
search-ask = <a>Pida estos datos</a>: los publicadores ven lo que se busca y no se encuentra.
search-nearest = Lo más parecido
search-range = { $first } a { $last } de { $all }
search-has-api = Con API
search-quality = { $rating ->
    [excellent] Excelente
    [good] Buena
    [sufficient] Suficiente
    [bad] Baja
   *[other] { $rating }
}
search-follow = Seguir esta búsqueda
search-ask-public = Hacer una petición pública que otras personas puedan apoyar
