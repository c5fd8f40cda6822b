words-told-alarm-differ = Segmente, Summen und die Seiten der Inhaber weichen um { $a } Abfragen voneinander ab; siehe /service-level
words-told-alarm-quarantine = { $a } Nutzungssegmente sind nicht lesbar; sie liegen in <code>usage/quarantine</code>
words-told-alarm-unsynced = Nutzungssegmente können nicht dauerhaft auf die Platte geschrieben werden
words-told-alarm-not-summed = Die Nutzung wurde seit { $a } s nicht summiert
words-told-plan-keyless = Für alle, ohne zu fragen: gezählt nach Netzadresse, die nie gespeichert wird
words-told-plan-starter = Ein Schlüssel sofort, noch bevor die E-Mail-Adresse bestätigt ist
words-told-plan-open = Der gewöhnliche Plan: ein Schlüssel, dessen Inhaber die E-Mail-Adresse bestätigt hat
words-told-plan-high-volume = Für Dienste mit anhaltend starker Nutzung; die veröffentlichte Regel entscheidet, sonst niemand
words-told-verification-rule = Ein Mitglied hat eine E-Mail-Adresse bestätigt, deren Host die Domain der Organisation ist oder darunter liegt, und bei dieser Domain bekommt nicht jeder ein Postfach
words-told-passes-on = Geht am { $a } von selbst durch
words-told-screen-addresses = Straßen und Hausnummern, in Zeilen, die Personen sind
words-told-screen-positions = Positionen auf zehn Meter oder genauer, in Zeilen, die Personen sind
words-told-screen-nobodys-business = Der Name der Spalte oder ihre Codes verraten, was niemanden angeht, in Zeilen, die Personen sind
words-told-screen-small-counts = { $a } Anzahlen von eins bis vier, neben dem, was Personen unterscheidet
words-told-screen-texts-some = { $a } von { $b } Texten
words-told-screen-texts-persons = In mindestens { $a } von { $b } Texten werden Personen genannt oder beschrieben
words-told-screen-names = 
    Nach dem Namen der Spalte, der Form ihrer Werte und bekannten Namen sind es { $kind ->
        [names-of-persons] Namen von Personen
        [given-names] Vornamen
        [family-names] Familiennamen
       *[other] { $a }
    }
words-told-screen-by-name = 
    Die Spalte heißt wie { $kind ->
        [a-bank-account] ein Bankkonto
        [a-driving-licence] ein Führerschein
        [a-passport] ein Pass
        [a-password] ein Passwort
        [a-payment-card] eine Zahlungskarte
        [an-identifier-of-devices] eine Gerätekennung
        [an-identifier-of-persons] eine Personenkennung
       *[other] { $a }
    }, und ihre Werte könnten dazu passen
words-told-screen-iban = Die Werte haben Form, Länge und Prüfziffern einer IBAN
words-told-screen-cards = { $a } % der Werte liegen im Bereich eines Ausgebers und bestehen die Luhn-Prüfung
words-told-screen-travel = Es gibt Zeilen maschinenlesbarer Reisedokumente
words-told-screen-plates = { $a } % der Werte sind wie Kfz-Kennzeichen geschrieben
words-told-screen-ip = Die Werte sind Adressen des öffentlichen Internets
words-told-screen-mac = Die Werte sind Netzadressen von Geräten
words-told-screen-mail-office = Die Postfächer gehören Stellen: benannt nach einer Funktion, der Stelle selbst oder bei der Domain einer öffentlichen Stelle
words-told-screen-mail-public = Die Postfächer liegen bei Domains öffentlicher Stellen
words-told-screen-mail-personal = { $a } von { $b } Adressen sind nach Personen benannt oder bei Anbietern, die man privat nutzt
words-told-screen-phone = { $a } % der Werte sind nach Vorwahl, Nummernplan oder Gliederung Telefonnummern
words-told-screen-birth = Die Spalte heißt Geburtsdatum, und ihre Werte sind Daten
words-told-screen-birth-range = Daten von { $a } bis { $b } neben Personen
words-told-screen-national = { $a } % der Werte sind nach Länge, Form und Prüfung „{ $b }“; durch Zufall wären es { $c } %
words-told-screen-property = Die Eigenschaften eines Dokuments nennen eine Person; sie gehen mit der Datei hinaus
words-told-screen-groups = Die kleinste Gruppe, die in diesen Spalten übereinstimmt, hat { $a } Zeilen; { $b } % aller Zeilen stehen allein
words-told-read-encoding = Text in { $a }
words-told-read-other = 
    Spalten durch { $kind ->
        [commas] Kommas
        [semicolons] Semikolons
        [tabs] Tabulatoren
        [vertical-bars] senkrechte Striche
        [colons] Doppelpunkte
        [spaces] Leerzeichen
       *[other] { $a }
    } getrennt
words-told-read-decimals = Dezimalstellen mit Komma
words-told-read-no-header = keine Kopfzeile: die Spalten sind nummeriert
words-told-reason-many = mehr Felder als Spalten
words-told-reason-few = weniger Felder als Spalten
words-told-reason-quote = ein Anführungszeichen, das nie geschlossen wird
words-told-reason-long = ein Feld, das länger als die Grenze ist
words-told-reason-nul = ein Byte, das in keinem Text vorkommt (NUL)
words-told-note-below = Unter der Tabelle: { $a }
words-told-note-above = Über der Tabelle: { $a }
words-told-note-empty-rows = Ausgelassene leere Zeilen: { $a }
words-told-note-headers = Ausgelassene Zeilen, die die Kopfzeile wiederholen: { $a }
words-told-note-bytes = Einige Bytes sind kein gültiges { $a }; sie werden als U+FFFD gezeigt
words-told-note-unique = Die Eindeutigkeit wurde für die ersten { $a } Zeilen geprüft
words-told-note-no-header = Die Datei hat keine Kopfzeile; ihre Spalten heißen nach ihrem Platz
words-told-note-wider = Die Zeilen haben { $a } Felder, die Kopfzeile nennt { $b }; die anderen heißen nach ihrem Platz
words-told-note-pattern = Das Muster, das das veröffentlichte Schema für <code>{ $a }</code> angibt, ist nicht brauchbar
words-told-note-hex = Bytes stehen als hexadezimale Ziffern: { $a }
words-told-note-nan = <code>{ $a }</code>: { $b } Werte, die NaN oder unendlich sind, sind leer
words-told-note-no-crs = Kein Koordinatensystem ist genannt; die Positionen wurden als WGS 84 gelesen
words-told-note-turned = Die Formen wurden aus ihrer Projektion in WGS 84 umgerechnet
words-told-note-no-dbf = Neben den Formen liegt keine <code>.dbf</code>, also gibt es keine Attribute
words-told-note-years = Die Jahre von <code>{ $a }</code> haben zwei Ziffern: 69 bis 99 werden als 1969 bis 1999 gelesen, andere als 2000 bis 2068
words-told-me-email = E-Mail-Adresse
words-told-me-name = Name
words-told-me-role = Rolle
words-told-me-made = Konto angelegt
words-told-me-confirmed = Adresse bestätigt
words-told-me-language = Sprache der Nachrichten
words-told-me-password = Passwort
words-told-me-factor = Zweiter Faktor
words-told-me-identity = Verknüpfte Identität
words-told-me-session = Sitzung
words-told-me-application = Anwendung
words-told-me-membership = Mitgliedschaft
words-told-me-letters-waiting = Nachrichten an Sie unterwegs
words-told-me-tries = Anmeldeversuche
words-told-me-letters-counted = Gezählte Nachrichten
words-told-me-confirmed-address = Bestätigte Adresse
words-told-me-follow = Abonnement
words-told-me-delivery = Zustellung
words-told-me-question = Frage
words-told-me-request = Datenanfrage
words-told-me-support = Unterstützung einer Anfrage
words-told-why-sign-in-write = damit Sie sich anmelden können und wir Ihnen schreiben
words-told-why-address = um Sie anzusprechen; nur Sie und Betreiber sehen es
words-told-why-role = um zu wissen, was Sie dürfen
words-told-why-age = um zu wissen, wie alt das Konto ist
words-told-why-yours = um zu wissen, dass sie Ihre ist
words-told-why-language = um Ihnen in Ihrer Sprache zu schreiben
words-told-why-sign-in = für die Anmeldung
words-told-why-codes = um die Codes Ihrer App zu prüfen
words-told-why-provider = für die Anmeldung über diesen Anbieter
words-told-why-session = damit Sie angemeldet bleiben
words-told-why-keys = um Ihnen Schlüssel zu geben und ihre Nutzung zu zeigen
words-told-why-share = um Anwendungen mit anderen zu teilen
words-told-why-send = um sie zu senden
words-told-why-guess = um aufzuhalten, wer Passwörter errät
words-told-why-flood = damit niemand Ihr Postfach flutet
words-told-why-follow-write = um Ihnen zu schreiben, was Sie verfolgen
words-told-why-changes = um Ihnen Änderungen zu melden
words-told-why-delivered = um zu zeigen, was ankam und was nicht
words-told-why-answer = um Ihnen die Antwort zu sagen; sonst erfährt niemand, dass sie von Ihnen ist
words-told-why-count = um Sie einmal zu zählen und Ihnen die Antwort zu sagen
words-told-until-erased = bis Sie Ihr Konto löschen
words-told-until-factor = bis Sie ihn entfernen
words-told-until-unlinked = bis Sie sie lösen
words-told-until-latest = spätestens { $a }
words-told-until-closed = bis Sie sie schließen oder Ihr Konto löschen; Summen ihrer Nutzung bleiben, nur unter ihrer Nummer
words-told-until-leave = bis Sie austreten
words-told-until-sent = bis sie gesendet sind, höchstens zwei Tage
words-told-until-quarter = eine Viertelstunde
words-told-until-day = einen Tag
words-told-until-90-days = 90 Tage
words-told-until-nothing = bis Sie nichts mehr verfolgen, fragen und unterstützen
words-told-until-unfollow = bis Sie nicht mehr folgen
words-told-until-taken-back = bis Sie sie zurücknehmen oder gehen
words-told-value-hash = ein argon2id-Hash; das Passwort selbst wird nicht aufbewahrt
words-told-value-digest = ein Prüfwert Ihrer Adresse mit Schlüssel, im Arbeitsspeicher
