me-present-password = Ihr jetziges Passwort
me-back = Zurück zu Ihrem Konto
me-change-password = Passwort ändern
me-signed-out-elsewhere = Überall sonst werden Sie abgemeldet.
me-remove-factor = Zweiten Faktor entfernen
me-remove-factor-lead = Die Anmeldung verlangt dann weniger, andere kommen also leichter hinein. Überall sonst werden Sie abgemeldet.
me-remove = Entfernen
me-erase = Konto löschen
me-erase-mine = Mein Konto löschen
me-erase-lead = Ihr Konto verschwindet mit allem, was Sie betrifft. Anwendungen, die niemand mit Ihnen teilt, werden geschlossen, und ihre Schlüssel gelten sofort nicht mehr. Das lässt sich nicht rückgängig machen.
me-title = Ihr Konto
me-export = Alles als JSON exportieren
me-ways-in = Wie Sie sich anmelden
me-password-set = gesetzt
me-none = keiner
me-password-none = keines
me-set-password = Passwort setzen
me-second-factor = Zweiter Faktor
me-factor-in-use = { $count ->
    [one] in Gebrauch, noch { $count } Wiederherstellungscode
   *[other] in Gebrauch, noch { $count } Wiederherstellungscodes
}
me-linked = verknüpft am { $day }
me-unlink = { $provider } trennen
me-only-way = Ihr einziger Zugang
me-not-linked = nicht verknüpft
me-link = { $provider } verknüpfen
me-sessions = Wo Sie angemeldet sind
me-sign-out-everywhere = Überall abmelden
me-sessions-table = Tabelle der Sitzungen
me-device = Gerät
me-since = Seit
me-last-used = Zuletzt benutzt
me-end-it = Beenden
me-this-one = diese
me-end = Beenden
me-end-on = : { $device }
me-kept = Was wir über Sie speichern
me-kept-lead = Alles, mit Grund und Ende. Das Lesen von Daten hinterlässt hier keine Spur: Besuche werden gezählt, ohne festzuhalten, wessen sie waren.
me-kept-table = Tabelle des Gespeicherten
me-what = Was
me-content = Inhalt
me-why = Warum
me-until = Bis
me-letters = Nachrichten
me-letters-language = Sprache
me-letters-save = Speichern
me-letters-text = Nachrichten kommen in dieser Sprache, und Seiten sprechen sie in diesem Browser.
me-alerts = Nachrichten zu Ihren Anwendungen
me-alerts-table = Tabelle der Nachrichten zu Ihren Anwendungen
me-alerts-application = Anwendung
me-alerts-told = Sie erfahren es
me-alerts-change = Ändern
me-alerts-none = gar nicht
me-alerts-quota = wenn { $shares } eines Kontingents verbraucht sind
me-alerts-errors = wenn { $percent } % der Aufrufe einer Stunde fehlschlagen
me-alerts-silence = { $days ->
    [one] nach { $days } Tag ohne Aufruf
   *[other] nach { $days } Tagen ohne Aufruf
}
me-alerts-choose = Wählen
me-alerts-off = Abschalten
me-part = { $name ->
    [set_up] eingerichtet
    [in_use_since] in Gebrauch seit
    [recovery_codes_left] übrige Ersatzcodes
    [provider] Anbieter
    [subject] Kennung dort
    [email] E-Mail-Adresse
    [linked_at] verknüpft
    [last_used_at] zuletzt verwendet
    [device] Gerät
    [began] begonnen
    [last_used] zuletzt verwendet
    [name] Name
    [plan] Plan
    [created_at] angelegt
    [letters_at_quota_percents] Nachrichten bei Anteilen der Quote, in Prozent
    [letters_at_error_percent] Nachricht bei einem Anteil von Fehlern, in Prozent
    [letters_after_silent_days] Nachricht nach Tagen der Stille
    [organisation] Organisation
    [role] Rolle
    [question] Frage
    [asked_at] gefragt
    [title] Titel
   *[other] { $words }
}: { $value }
