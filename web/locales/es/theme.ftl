theme-all = Temas
theme-all-lead = Todo el catálogo, por tema.
theme-none = Aquí no hay nada todavía.
theme-description = { $count ->
    [one] { $count } conjunto de datos público: { $name }.
   *[other] { $count } conjuntos de datos públicos: { $name }.
}
theme-datasets = { $count ->
    [one] { $count } conjunto de datos
   *[other] { $count } conjuntos de datos
}
theme-datasets-word = { $count ->
    [one] conjunto de datos
   *[other] conjuntos de datos
}
theme-search-within = Buscar en { $name }
theme-empty = Por ahora no hay aquí ningún conjunto de datos público.
theme-more = Para continuar
theme-formats = Formatos
theme-as-data = Como datos
