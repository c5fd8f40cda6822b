# Zahlen, Zeiten und Wörter, die viele Seiten brauchen.

words-bytes = { $count ->
    [one] { $count } Byte
   *[other] { $count } Bytes
}
words-month = { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
}
words-month-of-year = { $month } { $year }
words-day-of-year = { $day }. { $month } { $year }
words-moment = { $day }, { $time } Uhr UTC
words-just-now = gerade eben
words-today = heute
words-yesterday = gestern
words-span = { $unit ->
    [year] { $n ->
        [one] { $n } Jahr
       *[other] { $n } Jahre
    }
    [month] { $n ->
        [one] { $n } Monat
       *[other] { $n } Monate
    }
    [week] { $n ->
        [one] { $n } Woche
       *[other] { $n } Wochen
    }
    [day] { $n ->
        [one] { $n } Tag
       *[other] { $n } Tage
    }
    [hour] { $n ->
        [one] { $n } Stunde
       *[other] { $n } Stunden
    }
    [minute] { $n ->
        [one] { $n } Minute
       *[other] { $n } Minuten
    }
   *[second] { $n ->
        [one] { $n } Sekunde
       *[other] { $n } Sekunden
    }
}
words-ago = { $unit ->
    [year] { $n ->
        [one] vor { $n } Jahr
       *[other] vor { $n } Jahren
    }
    [month] { $n ->
        [one] vor { $n } Monat
       *[other] vor { $n } Monaten
    }
    [week] { $n ->
        [one] vor { $n } Woche
       *[other] vor { $n } Wochen
    }
    [day] { $n ->
        [one] vor { $n } Tag
       *[other] vor { $n } Tagen
    }
    [hour] { $n ->
        [one] vor { $n } Stunde
       *[other] vor { $n } Stunden
    }
    [minute] { $n ->
        [one] vor { $n } Minute
       *[other] vor { $n } Minuten
    }
   *[second] { $n ->
        [one] vor { $n } Sekunde
       *[other] vor { $n } Sekunden
    }
}
words-in = { $unit ->
    [year] { $n ->
        [one] in { $n } Jahr
       *[other] in { $n } Jahren
    }
    [month] { $n ->
        [one] in { $n } Monat
       *[other] in { $n } Monaten
    }
    [week] { $n ->
        [one] in { $n } Woche
       *[other] in { $n } Wochen
    }
    [day] { $n ->
        [one] in { $n } Tag
       *[other] in { $n } Tagen
    }
    [hour] { $n ->
        [one] in { $n } Stunde
       *[other] in { $n } Stunden
    }
    [minute] { $n ->
        [one] in { $n } Minute
       *[other] in { $n } Minuten
    }
   *[second] { $n ->
        [one] in { $n } Sekunde
       *[other] in { $n } Sekunden
    }
}
words-per = { $unit ->
    [year] { $n ->
        [1] pro Jahr
       *[other] alle { $n } Jahre
    }
    [month] { $n ->
        [1] pro Monat
       *[other] alle { $n } Monate
    }
    [week] { $n ->
        [1] pro Woche
       *[other] alle { $n } Wochen
    }
    [day] { $n ->
        [1] pro Tag
       *[other] alle { $n } Tage
    }
    [hour] { $n ->
        [1] pro Stunde
       *[other] alle { $n } Stunden
    }
    [minute] { $n ->
        [1] pro Minute
       *[other] alle { $n } Minuten
    }
   *[second] { $n ->
        [1] pro Sekunde
       *[other] alle { $n } Sekunden
    }
}
words-every = { $unit ->
    [year] { $n ->
        [1] jedes Jahr
       *[other] alle { $n } Jahre
    }
    [month] { $n ->
        [1] jeden Monat
       *[other] alle { $n } Monate
    }
    [week] { $n ->
        [1] jede Woche
       *[other] alle { $n } Wochen
    }
    [day] { $n ->
        [1] jeden Tag
       *[other] alle { $n } Tage
    }
    [hour] { $n ->
        [1] jede Stunde
       *[other] alle { $n } Stunden
    }
    [minute] { $n ->
        [1] jede Minute
       *[other] alle { $n } Minuten
    }
   *[second] { $n ->
        [1] jede Sekunde
       *[other] alle { $n } Sekunden
    }
}
words-frequency = { $frequency ->
    [continuously] fortlaufend
    [hourly] stündlich
    [daily] täglich
    [several-times-a-week] mehrmals pro Woche
    [weekly] wöchentlich
    [every-two-weeks] alle zwei Wochen
    [several-times-a-month] mehrmals im Monat
    [monthly] monatlich
    [every-two-months] alle zwei Monate
    [quarterly] vierteljährlich
    [three-times-a-year] dreimal im Jahr
    [twice-a-year] zweimal im Jahr
    [yearly] jährlich
    [every-two-years] alle zwei Jahre
    [every-three-years] alle drei Jahre
    [every-four-years] alle vier Jahre
    [every-five-years] alle fünf Jahre
    [every-ten-years] alle zehn Jahre
    [irregularly] unregelmäßig
    [when-needed] bei Bedarf
    [no-further-updates-planned] keine weiteren Aktualisierungen geplant
   *[other] { $words }
}
words-licence-free = Für jeden Zweck nutzbar, ohne Bedingungen.
words-licence-attribution = Für jeden Zweck nutzbar, wenn die Quelle genannt wird.
words-licence-share-alike = Für jeden Zweck nutzbar, wenn die Quelle genannt und das Ergebnis unter gleichen Bedingungen weitergegeben wird.
words-licence-restricted = Die Nutzung ist eingeschränkt; bitte zuerst die Lizenz lesen.
words-licence-unknown = Es gelten die eigenen Bedingungen des Datenanbieters; bitte zuerst lesen.
words-licence-missing = Der Datenanbieter nennt keine Lizenz; bitte nachfragen, bevor Sie etwas daraus veröffentlichen.
words-language = { $tag ->
    [ar] Arabisch
    [bg] Bulgarisch
    [ca] Katalanisch
    [cs] Tschechisch
    [cy] Walisisch
    [da] Dänisch
    [de] Deutsch
    [el] Griechisch
    [en] Englisch
    [es] Spanisch
    [et] Estnisch
    [eu] Baskisch
    [fa] Persisch
    [fi] Finnisch
    [fr] Französisch
    [ga] Irisch
    [gl] Galicisch
    [he] Hebräisch
    [hr] Kroatisch
    [hu] Ungarisch
    [is] Isländisch
    [it] Italienisch
    [ja] Japanisch
    [lb] Luxemburgisch
    [lt] Litauisch
    [lv] Lettisch
    [mt] Maltesisch
    [nb] Norwegisch (Bokmål)
    [nl] Niederländisch
    [nn] Norwegisch (Nynorsk)
    [no] Norwegisch
    [pl] Polnisch
    [pt] Portugiesisch
    [rm] Rätoromanisch
    [ro] Rumänisch
    [ru] Russisch
    [sk] Slowakisch
    [sl] Slowenisch
    [sr] Serbisch
    [sv] Schwedisch
    [tr] Türkisch
    [uk] Ukrainisch
    [zh] Chinesisch
   *[other] eine andere Sprache ({ $tag })
}
words-only-in = Diesen Text gibt es nur in dieser Sprache: { $language }
words-theme = { $code ->
    [AGRI] Landwirtschaft, Fischerei, Forstwirtschaft und Nahrungsmittel
    [ECON] Wirtschaft und Finanzen
    [EDUC] Bildung, Kultur und Sport
    [ENER] Energie
    [ENVI] Umwelt
    [GOVE] Regierung und öffentlicher Sektor
    [HEAL] Gesundheit
    [INTR] Internationale Themen
    [JUST] Justiz, Rechtssystem und öffentliche Sicherheit
    [REGI] Regionen und Städte
    [SOCI] Bevölkerung und Gesellschaft
    [TECH] Wissenschaft und Technologie
    [TRAN] Verkehr
    [OP_DATPRO] Vorläufige Daten
   *[other] { $code }
}
