workspace-gone-title = Zurückgezogen: { $title }
workspace-gone = Zurückgezogen
workspace-gone-by = Unter dieser Adresse stand ein Datensatz. <a>{ $publisher }</a> hat ihn am { $day } zurückgezogen.
workspace-gone-on = Unter dieser Adresse stand ein Datensatz. Der Datenanbieter hat ihn am { $day } zurückgezogen.
workspace-gone-why = Warum
workspace-gone-stays = Die Adresse bleibt vergeben, damit dort nie etwas anderes erscheint.
workspace-gone-identifier = Die Kennung des Datensatzes war { $identifier }.
workspace-publisher = Datenanbieter
workspace-until = Bis
workspace-error = Fehler:
workspace-save = Speichern
workspace-desk = Schreibtisch
workspace-choose = Auswählen
workspace-nothing = nichts
workspace-untitled = (ohne Titel)
workspace-drafts = Entwürfe
workspace-held-back = Zurückgehalten
workspace-people = Personen
workspace-audit = Audit
workspace-jobs = Aufträge
workspace-add-a-source = Quelle hinzufügen
workspace-api-services = API-Dienste
workspace-demand = Nachfrage
workspace-applications = Anwendungen
workspace-tariff = Tarif
workspace-register = Register
workspace-role = { $role ->
    [operator] Betreiber
    [steward] Steward
    [publisher] Datenanbieter
    [developer] Entwickler
    [auditor] Prüfer
    [editor] Bearbeitung
    [reviewer] Prüfung
    [manager] Verwaltung
    [portal] Portal
    [oneself] selbst
   *[other] { $role }
}
workspace-the-portal = das Portal
workspace-the-operator = der Betreiber des Portals
workspace-somebody-gone = jemand, dessen Konto es nicht mehr gibt
workspace-taken = Es gibt „{ $name }“ schon ({ $what })
