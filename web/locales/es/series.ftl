series-all = Series de conjuntos de datos
series-all-lead = Conjuntos de datos que van juntos, por ejemplo uno por año.
series-members = Los conjuntos de datos de esta serie
