quality-title = Calidad de la descripción
quality-points = <strong>{ $points }</strong> de { $most } puntos
quality-points-mean = <strong>{ $points }</strong> de { $most } puntos de media
quality-stars = { $stars } de 5 <a>estrellas de datos abiertos</a>
quality-of = { $points } de { $most }
quality-mend-first = Mejorar primero
quality-broken = Enlaces que no responden
quality-all = Todos los indicadores como datos
quality-findability = Fácil de encontrar
quality-accessibility = Accesible
quality-interoperability = Legible por programas
quality-reusability = Reutilización clara
quality-contextuality = Bien descrito
quality-excellent = Excelente
quality-good = Buena
quality-sufficient = Suficiente
quality-poor = Baja
quality-gain = { $points ->
    [one] { $points } punto
   *[other] { $points } puntos
}
quality-gain-in = { $datasets ->
    [one] { $points } puntos en { $datasets } conjunto de datos
   *[other] { $points } puntos en { $datasets } conjuntos de datos
}
quality-links = { $broken ->
    [one] { $broken } de { $all } enlaces no responde.
   *[other] { $broken } de { $all } enlaces no responden.
}
quality-advice = { $metric ->
    [keyword] Añada palabras clave que la gente buscaría.
    [theme] Indique al menos un tema, mejor por su dirección en la lista de temas de la UE.
    [spatial] Indique qué lugar o zona abarcan los datos.
    [temporal] Indique qué periodo abarcan los datos.
    [access-url-answers] Corrija la dirección de acceso: no responde o no existe.
    [download-url] Indique una dirección desde la que se pueda descargar el archivo mismo.
    [download-url-answers] Corrija la dirección de descarga: no responde o no existe.
    [format] Indique el formato de cada archivo.
    [media-type] Indique el tipo de medio de cada archivo, por ejemplo text/csv.
    [format-from-vocabulary] Use un formato de la lista de la UE y un tipo de medio registrado en la IANA.
    [non-proprietary] Ofrezca los datos también en un formato abierto, como CSV, JSON o GeoPackage.
    [machine-readable] Ofrezca los datos en un formato legible por programas, como CSV, JSON o XML.
    [profile-compliance] Complete lo que exige el perfil DCAT-AP: título y descripción, el nombre del publicador y una dirección para cada distribución.
    [licence] Indique con qué licencia se pueden usar los datos.
    [licence-from-vocabulary] Nombre la licencia por su dirección, por ejemplo de Creative Commons o de la lista de la UE.
    [access-rights] Indique si los datos son públicos, restringidos o no públicos.
    [access-rights-from-vocabulary] Indique los derechos de acceso por su dirección en la lista de la UE.
    [contact-point] Indique una oficina a la que preguntar, con un buzón o un formulario.
    [publisher] Indique el publicador.
    [rights] Indique los derechos que van más allá de la licencia, o que no los hay.
    [byte-size] Indique el tamaño de cada archivo en bytes.
    [issued] Indique cuándo se publicaron los datos por primera vez.
    [modified] Indique cuándo se modificaron los datos por última vez.
   *[other] { $advice }
}
