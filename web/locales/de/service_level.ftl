service-level-description = Wie gut das Portal antwortet, aus den Aufrufen, die es beantwortet hat.
service-level-lead = Wie gut das Portal antwortet, aus den Aufrufen, die es wirklich beantwortet hat. Nichts hier stammt von einer Sonde.
service-level-last = { $window ->
    [day] Die letzten 24 Stunden
    [week] Die letzten 7 Tage
   *[quarter] Die letzten 90 Tage
}
service-level-no-call = Noch kein Aufruf.
service-level-available = <strong>{ $share }</strong> von { $calls } Antworten waren kein Fehler des Portals. Ein Fehler ist ein Status ab 500; die eigenen Seiten des Portals zählen nicht mit.
service-level-class-table = Tabelle nach Art des Aufrufs: { $window }
service-level-by-kind = Nach Art des Aufrufs
service-level-kind = Art
service-level-calls = Aufrufe
service-level-available-head = Verfügbar
service-level-itself = das Portal selbst
service-level-refusal-table = Tabelle der Ablehnungen nach Plan: { $window }
service-level-refused-by-plan = Abgelehnt, nach Plan
service-level-refused = Abgelehnt
service-level-share = Anteil
service-level-fresh = Aktuelle Daten
service-level-no-source = Keine Quelle wird nach Zeitplan abgerufen.
service-level-fresh-text = { $fresh } von { $all } geplanten Quellen wurden innerhalb des doppelten Abstands gut abgerufen.
service-level-latest = Der letzte gute Abruf endete am { $moment }.
service-level-oldest = Die Quelle, die am längsten wartet, wurde am { $moment } abgerufen.
service-level-true = Stimmen diese Zahlen?
service-level-true-text = Jeder Aufruf steht in einer Datei, bevor seine Antwort endet. Die Einträge werden noch einmal gezählt und müssen ergeben, was zu den Summen kam, die Summen selbst und was den Schlüsselinhabern gesagt wird.
service-level-not-compared = Noch wurde nichts verglichen.
service-level-agree = <strong>Sie stimmen überein</strong>, an jedem verglichenen Tag.
service-level-differ = <strong>Sie weichen um { $calls } Aufrufe ab.</strong> Der Betreiber ist alarmiert.
service-level-comparisons = Tabelle der Vergleiche
service-level-day = Tag
service-level-compared = Verglichen
service-level-files = Nachgezählte Dateien
service-level-recount = Nachzählung
service-level-added = Hinzugefügt
service-level-sums = Summen
service-level-told = Inhabern gesagt
service-level-difference = Abweichung
service-level-of = { $part } von { $whole }
service-level-still-written = Dateien, in die noch geschrieben wird, werden nachgezählt, sobald sie geschlossen sind.
service-level-unreadable = Unlesbare Dateien
service-level-unreadable-text = Sie wurden beiseitegelegt; was darin steht, fehlt in den Summen, bis sie repariert sind.
service-level-data = <a>Servicequalität als Daten</a>, <a2>Vergleiche als Daten</a2>, <a3>Nutzung dieses Portals als offene Daten</a3>
