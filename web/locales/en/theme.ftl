theme-all = Themes
theme-all-lead = Everything in the catalogue by what it is about.
theme-none = There is nothing here yet.
theme-description = { $count ->
    [one] { $count } public dataset: { $name }.
   *[other] { $count } public datasets: { $name }.
}
theme-datasets = { $count ->
    [one] { $count } dataset
   *[other] { $count } datasets
}
theme-datasets-word = { $count ->
    [one] dataset
   *[other] datasets
}
theme-search-within = Search within { $name }
theme-empty = No public dataset belongs here at the moment.
theme-more = Ways on
theme-formats = Formats
theme-as-data = As data
