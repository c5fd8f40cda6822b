# Números, tiempos y palabras que usan muchas páginas.

words-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
words-month = { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
}
words-month-of-year = { $month } de { $year }
words-day-of-year = { $day } de { $month } de { $year }
words-moment = { $day }, { $time } UTC
words-just-now = ahora mismo
words-today = hoy
words-yesterday = ayer
words-span = { $unit ->
    [year] { $n ->
        [one] { $n } año
       *[other] { $n } años
    }
    [month] { $n ->
        [one] { $n } mes
       *[other] { $n } meses
    }
    [week] { $n ->
        [one] { $n } semana
       *[other] { $n } semanas
    }
    [day] { $n ->
        [one] { $n } día
       *[other] { $n } días
    }
    [hour] { $n ->
        [one] { $n } hora
       *[other] { $n } horas
    }
    [minute] { $n ->
        [one] { $n } minuto
       *[other] { $n } minutos
    }
   *[second] { $n ->
        [one] { $n } segundo
       *[other] { $n } segundos
    }
}
words-ago = { $unit ->
    [year] { $n ->
        [one] hace { $n } año
       *[other] hace { $n } años
    }
    [month] { $n ->
        [one] hace { $n } mes
       *[other] hace { $n } meses
    }
    [week] { $n ->
        [one] hace { $n } semana
       *[other] hace { $n } semanas
    }
    [day] { $n ->
        [one] hace { $n } día
       *[other] hace { $n } días
    }
    [hour] { $n ->
        [one] hace { $n } hora
       *[other] hace { $n } horas
    }
    [minute] { $n ->
        [one] hace { $n } minuto
       *[other] hace { $n } minutos
    }
   *[second] { $n ->
        [one] hace { $n } segundo
       *[other] hace { $n } segundos
    }
}
words-in = { $unit ->
    [year] { $n ->
        [one] dentro de { $n } año
       *[other] dentro de { $n } años
    }
    [month] { $n ->
        [one] dentro de { $n } mes
       *[other] dentro de { $n } meses
    }
    [week] { $n ->
        [one] dentro de { $n } semana
       *[other] dentro de { $n } semanas
    }
    [day] { $n ->
        [one] dentro de { $n } día
       *[other] dentro de { $n } días
    }
    [hour] { $n ->
        [one] dentro de { $n } hora
       *[other] dentro de { $n } horas
    }
    [minute] { $n ->
        [one] dentro de { $n } minuto
       *[other] dentro de { $n } minutos
    }
   *[second] { $n ->
        [one] dentro de { $n } segundo
       *[other] dentro de { $n } segundos
    }
}
words-per = { $unit ->
    [year] { $n ->
        [1] al año
       *[other] cada { $n } años
    }
    [month] { $n ->
        [1] al mes
       *[other] cada { $n } meses
    }
    [week] { $n ->
        [1] a la semana
       *[other] cada { $n } semanas
    }
    [day] { $n ->
        [1] al día
       *[other] cada { $n } días
    }
    [hour] { $n ->
        [1] por hora
       *[other] cada { $n } horas
    }
    [minute] { $n ->
        [1] por minuto
       *[other] cada { $n } minutos
    }
   *[second] { $n ->
        [1] por segundo
       *[other] cada { $n } segundos
    }
}
words-every = { $unit ->
    [year] { $n ->
        [1] cada año
       *[other] cada { $n } años
    }
    [month] { $n ->
        [1] cada mes
       *[other] cada { $n } meses
    }
    [week] { $n ->
        [1] cada semana
       *[other] cada { $n } semanas
    }
    [day] { $n ->
        [1] cada día
       *[other] cada { $n } días
    }
    [hour] { $n ->
        [1] cada hora
       *[other] cada { $n } horas
    }
    [minute] { $n ->
        [1] cada minuto
       *[other] cada { $n } minutos
    }
   *[second] { $n ->
        [1] cada segundo
       *[other] cada { $n } segundos
    }
}
words-frequency = { $frequency ->
    [continuously] continua
    [hourly] cada hora
    [daily] diaria
    [several-times-a-week] varias veces por semana
    [weekly] semanal
    [every-two-weeks] cada dos semanas
    [several-times-a-month] varias veces al mes
    [monthly] mensual
    [every-two-months] cada dos meses
    [quarterly] trimestral
    [three-times-a-year] tres veces al año
    [twice-a-year] dos veces al año
    [yearly] anual
    [every-two-years] cada dos años
    [every-three-years] cada tres años
    [every-four-years] cada cuatro años
    [every-five-years] cada cinco años
    [every-ten-years] cada diez años
    [irregularly] irregular
    [when-needed] cuando es necesario
    [no-further-updates-planned] sin más actualizaciones previstas
   *[other] { $words }
}
words-licence-free = Se puede usar para todo, sin condiciones.
words-licence-attribution = Se puede usar para todo, citando la fuente.
words-licence-share-alike = Se puede usar para todo, citando la fuente y compartiendo el resultado en las mismas condiciones.
words-licence-restricted = El uso tiene límites; lea antes la licencia.
words-licence-unknown = Se aplican las condiciones propias del publicador; léalas antes.
words-licence-missing = El publicador no indica ninguna licencia; pregunte antes de publicar algo hecho con estos datos.
words-language = { $tag ->
    [ar] árabe
    [bg] búlgaro
    [ca] catalán
    [cs] checo
    [cy] galés
    [da] danés
    [de] alemán
    [el] griego
    [en] inglés
    [es] español
    [et] estonio
    [eu] euskera
    [fa] persa
    [fi] finés
    [fr] francés
    [ga] irlandés
    [gl] gallego
    [he] hebreo
    [hr] croata
    [hu] húngaro
    [is] islandés
    [it] italiano
    [ja] japonés
    [lb] luxemburgués
    [lt] lituano
    [lv] letón
    [mt] maltés
    [nb] noruego (bokmål)
    [nl] neerlandés
    [nn] noruego (nynorsk)
    [no] noruego
    [pl] polaco
    [pt] portugués
    [rm] romanche
    [ro] rumano
    [ru] ruso
    [sk] eslovaco
    [sl] esloveno
    [sr] serbio
    [sv] sueco
    [tr] turco
    [uk] ucraniano
    [zh] chino
   *[other] otra lengua ({ $tag })
}
words-only-in = Este texto solo existe en esta lengua: { $language }
words-theme = { $code ->
    [AGRI] Agricultura, pesca, silvicultura y alimentación
    [ECON] Economía y finanzas
    [EDUC] Educación, cultura y deportes
    [ENER] Energía
    [ENVI] Medio ambiente
    [GOVE] Gobierno y sector público
    [HEAL] Salud
    [INTR] Asuntos internacionales
    [JUST] Justicia, sistema judicial y seguridad pública
    [REGI] Regiones y ciudades
    [SOCI] Población y sociedad
    [TECH] Ciencia y tecnología
    [TRAN] Transporte
    [OP_DATPRO] Datos provisionales
   *[other] { $code }
}
