licence-all = Lizenzen
licence-all-lead = Was Sie mit den Daten tun dürfen, in einfachen Worten, und welche Datensätze es erlauben.
licence-text = Der Wortlaut der Lizenz
