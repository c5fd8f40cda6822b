licence-all = Licencias
licence-all-lead = Lo que puede hacer con los datos, en palabras sencillas, y qué conjuntos lo permiten.
licence-text = El texto de la licencia
