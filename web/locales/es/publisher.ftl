publisher-list-description = Los organismos que publican aquí sus datos.
publisher-list-none = Todavía no hay ningún publicador.
publisher-list-count = { $count ->
    [one] { $count } organismo publica datos aquí.
   *[other] { $count } organismos publican datos aquí.
}
publisher-search-by-name = Buscar publicadores por nombre
publisher-list-empty = Los publicadores aparecen aquí con su primer conjunto de datos.
publisher-list-no-match = Ningún publicador tiene «{ $words }» en su nombre. <a>Mostrar todos</a>
publisher-datasets = { $count ->
    [one] { $count } conjunto de datos
   *[other] { $count } conjuntos de datos
}
publisher-description = { $count ->
    [one] { $count } conjunto de datos público de { $name }.
   *[other] { $count } conjuntos de datos públicos de { $name }.
}
publisher-part-of = Forma parte de { $name }
publisher-homepage = Página web
publisher-search-own = Buscar en los conjuntos de datos de { $name }
publisher-search-own-short = Buscar en este publicador
publisher-empty = Este publicador no tiene aquí ningún conjunto de datos por ahora.
publisher-about-data = Sobre los datos de este publicador
publisher-themes = Temas
publisher-formats = Formatos
publisher-as-data = Como datos
