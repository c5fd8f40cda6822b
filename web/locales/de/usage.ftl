usage-calls = Aufrufe
usage-units = Einheiten
usage-data = Daten
usage-errors = Fehler
usage-refused = Abgelehnt
usage-from-cache = Aus dem Cache
usage-unchanged = Unverändert
usage-use = Nutzung
usage-lead = Jeder beantwortete Aufruf, binnen Sekunden gezählt. Betreiber sehen diese Zahlen und keine anderen.
usage-small-numbers = Zahlen, hinter denen weniger als fünf Nutzende stehen, fehlen, und mit ihnen die kleinste der anderen, damit niemand erkennbar wird.
usage-in-all = Insgesamt
usage-portal-errors = Fehler des Portals
usage-refused-free = Abgelehnt, kostenlos
usage-time = Antwortzeit
usage-time-text = die Hälfte in { $p50 }, 95 % in { $p95 }, 99 % in { $p99 }
usage-over-time = Im Lauf der Zeit
usage-by = Nach
usage-period-minute = Minute
usage-period-hour = Stunde
usage-period-day = Tag
usage-kept = (UTC). Minuten werden 7 Tage aufbewahrt, Stunden 90 Tage, Tage für immer.
usage-no-call = Noch kein Aufruf.
usage-chart = Aufrufe von { $from } bis { $to }, bis zu { $most } in einem Schritt
usage-bar = { $calls ->
    [one] { $step }: { $calls } Aufruf
   *[other] { $step }: { $calls } Aufrufe
}
usage-table-time = Tabelle der Nutzung im Lauf der Zeit
usage-from = Ab
usage-same = <a>Dasselbe als Daten</a>, <a2>als CSV</a2>
usage-by-what = { $by ->
    [operation] Nach Operation
    [dataset] Nach Datensatz
    [status] Nach Status
   *[class] Nach Art des Aufrufs
}
usage-table-by = Tabelle der Nutzung: { $by }
usage-head = { $by ->
    [operation] Operation
    [dataset] Datensatz
    [status] Status
   *[class] Art des Aufrufs
}
usage-title = Nutzung von { $name }
usage-agency-title = Nutzung der Daten von { $name }
usage-no-dataset = kein bestimmter Datensatz
usage-troubles = Fehler und Ablehnungen
usage-troubles-chart = Fehler und Ablehnungen von { $from } bis { $to }, bis zu { $most } in einem Schritt
usage-times-chart = Antwortzeit von { $from } bis { $to }: Median, 95. und 99. Perzentil, bis zu { $most }
usage-times-legend = p50 durchgezogen, p95 gestrichelt, p99 gepunktet
usage-alerts = Nachrichten
usage-alerts-lead = Nachrichten gehen an { $email }, in der Sprache des Kontos mit dieser Adresse. Jede kommt einmal.
usage-alerts-lead-owners = Nachrichten gehen an die Eigentümer der Organisation, an jeden in der Sprache seines Kontos. Jede kommt einmal.
usage-alerts-quota = Wenn so viel eines Kontingents verbraucht ist
usage-alerts-quota-hint = Eine Nachricht je Anteil und Zeitfenster.
usage-alerts-percent = { $percent } %
usage-alerts-errors = Wenn Aufrufe fehlschlagen
usage-alerts-errors-hint = Der Anteil der Aufrufe einer Stunde, die mit einem Status von 400 oder darüber beantwortet werden, ab { $fewest } Aufrufen. Höchstens eine Nachricht am Tag.
usage-alerts-never = keine Nachricht
usage-alerts-from-percent = ab { $percent } %
usage-alerts-silence = Wenn keine Aufrufe mehr kommen
usage-alerts-silence-hint = Eine Nachricht je Pause.
usage-alerts-after-days = { $days ->
    [one] nach { $days } Tag
   *[other] nach { $days } Tagen
}
usage-alerts-save = Speichern
usage-alerts-off = Alle Nachrichten abschalten
usage-alert-kind-quota = ein Anteil eines Kontingents verbraucht ist
usage-alert-kind-errors = Aufrufe fehlschlagen
usage-alert-kind-silence = keine Aufrufe mehr kommen
usage-alert-end-title = Diese Nachrichten beenden?
usage-alert-end-text = Nachrichten zu { $name }, wenn { $kind }.
usage-alert-end = Beenden
usage-alert-ended-title = Diese Nachrichten sind beendet
usage-alert-ended-text = Zu { $name } schreiben wir Ihnen nicht mehr, wenn { $kind }. Alles andere bleibt.
