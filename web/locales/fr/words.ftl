# Nombres, durées et mots communs à plusieurs pages.

words-bytes = { $count ->
    [one] { $count } octet
   *[other] { $count } octets
}
words-month = { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
}
words-month-of-year = { $month } { $year }
words-day-of-year = { $day ->
    [1] 1er { $month } { $year }
   *[other] { $day } { $month } { $year }
}
words-moment = { $day }, { $time } UTC
words-just-now = à l’instant
words-today = aujourd’hui
words-yesterday = hier
words-span = { $unit ->
    [year] { $n ->
        [one] { $n } an
       *[other] { $n } ans
    }
    [month] { $n ->
        [one] { $n } mois
       *[other] { $n } mois
    }
    [week] { $n ->
        [one] { $n } semaine
       *[other] { $n } semaines
    }
    [day] { $n ->
        [one] { $n } jour
       *[other] { $n } jours
    }
    [hour] { $n ->
        [one] { $n } heure
       *[other] { $n } heures
    }
    [minute] { $n ->
        [one] { $n } minute
       *[other] { $n } minutes
    }
   *[second] { $n ->
        [one] { $n } seconde
       *[other] { $n } secondes
    }
}
words-ago = { $unit ->
    [year] { $n ->
        [one] il y a { $n } an
       *[other] il y a { $n } ans
    }
    [month] { $n ->
        [one] il y a { $n } mois
       *[other] il y a { $n } mois
    }
    [week] { $n ->
        [one] il y a { $n } semaine
       *[other] il y a { $n } semaines
    }
    [day] { $n ->
        [one] il y a { $n } jour
       *[other] il y a { $n } jours
    }
    [hour] { $n ->
        [one] il y a { $n } heure
       *[other] il y a { $n } heures
    }
    [minute] { $n ->
        [one] il y a { $n } minute
       *[other] il y a { $n } minutes
    }
   *[second] { $n ->
        [one] il y a { $n } seconde
       *[other] il y a { $n } secondes
    }
}
words-in = { $unit ->
    [year] { $n ->
        [one] dans { $n } an
       *[other] dans { $n } ans
    }
    [month] { $n ->
        [one] dans { $n } mois
       *[other] dans { $n } mois
    }
    [week] { $n ->
        [one] dans { $n } semaine
       *[other] dans { $n } semaines
    }
    [day] { $n ->
        [one] dans { $n } jour
       *[other] dans { $n } jours
    }
    [hour] { $n ->
        [one] dans { $n } heure
       *[other] dans { $n } heures
    }
    [minute] { $n ->
        [one] dans { $n } minute
       *[other] dans { $n } minutes
    }
   *[second] { $n ->
        [one] dans { $n } seconde
       *[other] dans { $n } secondes
    }
}
words-per = { $unit ->
    [year] { $n ->
        [1] par an
       *[other] tous les { $n } ans
    }
    [month] { $n ->
        [1] par mois
       *[other] tous les { $n } mois
    }
    [week] { $n ->
        [1] par semaine
       *[other] toutes les { $n } semaines
    }
    [day] { $n ->
        [1] par jour
       *[other] tous les { $n } jours
    }
    [hour] { $n ->
        [1] par heure
       *[other] toutes les { $n } heures
    }
    [minute] { $n ->
        [1] par minute
       *[other] toutes les { $n } minutes
    }
   *[second] { $n ->
        [1] par seconde
       *[other] toutes les { $n } secondes
    }
}
words-every = { $unit ->
    [year] { $n ->
        [1] chaque année
       *[other] tous les { $n } ans
    }
    [month] { $n ->
        [1] chaque mois
       *[other] tous les { $n } mois
    }
    [week] { $n ->
        [1] chaque semaine
       *[other] toutes les { $n } semaines
    }
    [day] { $n ->
        [1] chaque jour
       *[other] tous les { $n } jours
    }
    [hour] { $n ->
        [1] chaque heure
       *[other] toutes les { $n } heures
    }
    [minute] { $n ->
        [1] chaque minute
       *[other] toutes les { $n } minutes
    }
   *[second] { $n ->
        [1] chaque seconde
       *[other] toutes les { $n } secondes
    }
}
words-frequency = { $frequency ->
    [continuously] en continu
    [hourly] toutes les heures
    [daily] quotidienne
    [several-times-a-week] plusieurs fois par semaine
    [weekly] hebdomadaire
    [every-two-weeks] toutes les deux semaines
    [several-times-a-month] plusieurs fois par mois
    [monthly] mensuelle
    [every-two-months] tous les deux mois
    [quarterly] trimestrielle
    [three-times-a-year] trois fois par an
    [twice-a-year] deux fois par an
    [yearly] annuelle
    [every-two-years] tous les deux ans
    [every-three-years] tous les trois ans
    [every-four-years] tous les quatre ans
    [every-five-years] tous les cinq ans
    [every-ten-years] tous les dix ans
    [irregularly] irrégulière
    [when-needed] selon les besoins
    [no-further-updates-planned] aucune mise à jour prévue
   *[other] { $words }
}
words-licence-free = Utilisation libre pour tout usage, sans condition.
words-licence-attribution = Utilisation libre pour tout usage, à condition de citer la source.
words-licence-share-alike = Utilisation libre pour tout usage, à condition de citer la source et de partager vos créations dans les mêmes conditions.
words-licence-restricted = L’utilisation est limitée : lisez d’abord la licence.
words-licence-unknown = Les conditions propres au producteur s’appliquent : lisez-les d’abord.
words-licence-missing = Le producteur n’indique aucune licence : demandez-lui avant de publier quoi que ce soit qui en est tiré.
words-language = { $tag ->
    [ar] arabe
    [bg] bulgare
    [ca] catalan
    [cs] tchèque
    [cy] gallois
    [da] danois
    [de] allemand
    [el] grec
    [en] anglais
    [es] espagnol
    [et] estonien
    [eu] basque
    [fa] persan
    [fi] finnois
    [fr] français
    [ga] irlandais
    [gl] galicien
    [he] hébreu
    [hr] croate
    [hu] hongrois
    [is] islandais
    [it] italien
    [ja] japonais
    [lb] luxembourgeois
    [lt] lituanien
    [lv] letton
    [mt] maltais
    [nb] norvégien (bokmål)
    [nl] néerlandais
    [nn] norvégien (nynorsk)
    [no] norvégien
    [pl] polonais
    [pt] portugais
    [rm] romanche
    [ro] roumain
    [ru] russe
    [sk] slovaque
    [sl] slovène
    [sr] serbe
    [sv] suédois
    [tr] turc
    [uk] ukrainien
    [zh] chinois
   *[other] autre langue ({ $tag })
}
words-only-in = Ce texte n’existe que dans cette langue : { $language }
words-theme = { $code ->
    [AGRI] Agriculture, pêche, sylviculture et alimentation
    [ECON] Économie et finances
    [EDUC] Éducation, culture et sport
    [ENER] Énergie
    [ENVI] Environnement
    [GOVE] Gouvernement et secteur public
    [HEAL] Santé
    [INTR] Questions internationales
    [JUST] Justice, système juridique et sécurité publique
    [REGI] Régions et villes
    [SOCI] Population et société
    [TECH] Science et technologie
    [TRAN] Transports
    [OP_DATPRO] Données provisoires
   *[other] { $code }
}
