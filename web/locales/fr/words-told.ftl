words-told-alarm-differ = Les segments, les sommes et les pages des propriétaires diffèrent de { $a } requêtes ; voir /service-level
words-told-alarm-quarantine = { $a } segments d’utilisation sont illisibles ; ils sont dans <code>usage/quarantine</code>
words-told-alarm-unsynced = Les segments d’utilisation ne peuvent pas être écrits durablement sur le disque
words-told-alarm-not-summed = L’utilisation n’a pas été additionnée depuis { $a } s
words-told-plan-keyless = Pour tout le monde, sans rien demander : compté par adresse réseau, jamais enregistrée
words-told-plan-starter = Une clé immédiate, avant même que l’adresse électronique soit confirmée
words-told-plan-open = Le plan ordinaire : une clé dont le titulaire a confirmé son adresse électronique
words-told-plan-high-volume = Pour les services à usage intensif et durable ; la règle publiée décide, personne d’autre
words-told-verification-rule = Un membre a confirmé une adresse électronique dont l’hôte est le domaine de l’organisation ou un de ses sous-domaines, et ce domaine n’offre pas de boîte à tout le monde
words-told-passes-on = Passe de lui-même le { $a }
words-told-screen-addresses = Des rues et des numéros, dans des lignes qui sont des personnes
words-told-screen-positions = Des positions à dix mètres près ou mieux, dans des lignes qui sont des personnes
words-told-screen-nobodys-business = Le nom de la colonne ou ses codes disent ce qui ne regarde personne, dans des lignes qui sont des personnes
words-told-screen-small-counts = { $a } effectifs de un à quatre, à côté de ce qui distingue des personnes
words-told-screen-texts-some = { $a } textes sur { $b }
words-told-screen-texts-persons = Des personnes sont nommées ou décrites dans au moins { $a } textes sur { $b }
words-told-screen-names = 
    D’après le nom de la colonne, la forme de ses valeurs et les noms connus, ce sont { $kind ->
        [names-of-persons] des noms de personnes
        [given-names] des prénoms
        [family-names] des noms de famille
       *[other] { $a }
    }
words-told-screen-by-name = 
    La colonne porte le nom { $kind ->
        [a-bank-account] d’un compte bancaire
        [a-driving-licence] d’un permis de conduire
        [a-passport] d’un passeport
        [a-password] d’un mot de passe
        [a-payment-card] d’une carte de paiement
        [an-identifier-of-devices] d’un identifiant d’appareils
        [an-identifier-of-persons] d’un identifiant de personnes
       *[other] { $a }
    }, et ses valeurs s’y prêtent
words-told-screen-iban = Les valeurs ont la forme, la longueur et les chiffres de contrôle d’un IBAN
words-told-screen-cards = { $a } % des valeurs sont dans la plage d’un émetteur et passent le contrôle de Luhn
words-told-screen-travel = Il y a des lignes de documents de voyage lisibles par machine
words-told-screen-plates = { $a } % des valeurs sont écrites comme des plaques d’immatriculation
words-told-screen-ip = Les valeurs sont des adresses de l’internet public
words-told-screen-mac = Les valeurs sont des adresses réseau d’appareils
words-told-screen-mail-office = Les boîtes sont celles d’organismes : nommées d’après une fonction, l’organisme lui-même, ou dans le domaine d’un organisme public
words-told-screen-mail-public = Les boîtes sont dans des domaines d’organismes publics
words-told-screen-mail-personal = { $a } adresses sur { $b } portent le nom de personnes, ou sont chez des fournisseurs à usage privé
words-told-screen-phone = { $a } % des valeurs sont des numéros de téléphone par l’indicatif, le plan ou le groupement
words-told-screen-birth = La colonne se nomme date de naissance, et ses valeurs sont des dates
words-told-screen-birth-range = Des dates de { $a } à { $b } à côté de personnes
words-told-screen-national = { $a } % des valeurs sont « { $b } » par la longueur, la forme et le contrôle ; par hasard, ce serait { $c } %
words-told-screen-property = Les propriétés d’un document nomment une personne ; elles partent avec le fichier
words-told-screen-groups = Le plus petit groupe qui concorde dans ces colonnes a { $a } lignes ; { $b } % de toutes les lignes sont seules
words-told-read-encoding = texte en { $a }
words-told-read-other = 
    colonnes séparées par { $kind ->
        [commas] des virgules
        [semicolons] des points-virgules
        [tabs] des tabulations
        [vertical-bars] des barres verticales
        [colons] des deux-points
        [spaces] des espaces
       *[other] { $a }
    }
words-told-read-decimals = décimales avec une virgule
words-told-read-no-header = pas de ligne d’en-tête : les colonnes sont numérotées
words-told-reason-many = plus de champs que de colonnes
words-told-reason-few = moins de champs que de colonnes
words-told-reason-quote = un guillemet jamais fermé
words-told-reason-long = un champ plus long que la limite
words-told-reason-nul = un octet qu’aucun texte ne contient (NUL)
words-told-note-below = Sous le tableau : { $a }
words-told-note-above = Au-dessus du tableau : { $a }
words-told-note-empty-rows = Lignes vides laissées de côté : { $a }
words-told-note-headers = Lignes répétant l’en-tête et laissées de côté : { $a }
words-told-note-bytes = Certains octets ne sont pas du { $a } valide ; ils sont montrés comme U+FFFD
words-told-note-unique = L’unicité a été vérifiée pour les { $a } premières lignes
words-told-note-no-header = Le fichier n’a pas d’en-tête ; ses colonnes sont nommées par leur place
words-told-note-wider = Les lignes ont { $a } champs alors que l’en-tête en nomme { $b } ; les autres sont nommés par leur place
words-told-note-pattern = Le motif que le schéma publié donne pour <code>{ $a }</code> ne peut pas être utilisé
words-told-note-hex = Les octets sont donnés en chiffres hexadécimaux : { $a }
words-told-note-nan = <code>{ $a }</code> : { $b } valeurs NaN ou infinies sont vides
words-told-note-no-crs = Aucun système de coordonnées n’est nommé ; les positions ont été prises pour du WGS 84
words-told-note-turned = Les formes ont été converties de leur projection en WGS 84
words-told-note-no-dbf = Il n’y a pas de <code>.dbf</code> à côté des formes, donc pas d’attributs
words-told-note-years = Les années de <code>{ $a }</code> ont deux chiffres : 69 à 99 sont lues 1969 à 1999, les autres 2000 à 2068
words-told-me-email = Adresse électronique
words-told-me-name = Nom
words-told-me-role = Rôle
words-told-me-made = Compte créé
words-told-me-confirmed = Adresse confirmée
words-told-me-language = Langue des messages
words-told-me-password = Mot de passe
words-told-me-factor = Second facteur
words-told-me-identity = Identité reliée
words-told-me-session = Session
words-told-me-application = Application
words-told-me-membership = Appartenance
words-told-me-letters-waiting = Messages en route vers vous
words-told-me-tries = Tentatives de connexion
words-told-me-letters-counted = Messages comptés
words-told-me-confirmed-address = Adresse confirmée
words-told-me-follow = Abonnement
words-told-me-delivery = Envoi
words-told-me-question = Question
words-told-me-request = Demande de données
words-told-me-support = Soutien d’une demande
words-told-why-sign-in-write = pour vous connecter et vous écrire
words-told-why-address = pour s’adresser à vous ; seuls vous et les opérateurs le voient
words-told-why-role = pour savoir ce que vous pouvez faire
words-told-why-age = pour savoir de quand date le compte
words-told-why-yours = pour savoir qu’elle est à vous
words-told-why-language = pour vous écrire dans votre langue
words-told-why-sign-in = pour vous connecter
words-told-why-codes = pour vérifier les codes de votre application
words-told-why-provider = pour vous connecter par ce fournisseur
words-told-why-session = pour vous garder connecté
words-told-why-keys = pour vous donner des clés et montrer leur utilisation
words-told-why-share = pour partager des applications avec d’autres
words-told-why-send = pour les envoyer
words-told-why-guess = pour arrêter ceux qui devinent des mots de passe
words-told-why-flood = pour empêcher d’autres d’inonder votre boîte
words-told-why-follow-write = pour vous écrire sur ce que vous suivez
words-told-why-changes = pour vous annoncer les changements
words-told-why-delivered = pour vous montrer ce qui est arrivé et ce qui a échoué
words-told-why-answer = pour vous donner la réponse ; personne d’autre ne sait qu’elle est de vous
words-told-why-count = pour vous compter une fois et vous donner la réponse
words-told-until-erased = jusqu’à ce que vous effaciez votre compte
words-told-until-factor = jusqu’à ce que vous l’enleviez
words-told-until-unlinked = jusqu’à ce que vous la détachiez
words-told-until-latest = le { $a } au plus tard
words-told-until-closed = jusqu’à ce que vous la fermiez ou effaciez votre compte ; les sommes de son utilisation restent, sous son seul numéro
words-told-until-leave = jusqu’à votre départ
words-told-until-sent = jusqu’à leur envoi, deux jours au plus
words-told-until-quarter = un quart d’heure
words-told-until-day = un jour
words-told-until-90-days = 90 jours
words-told-until-nothing = jusqu’à ce que vous ne suiviez, demandiez et souteniez plus rien
words-told-until-unfollow = jusqu’à ce que vous cessiez de suivre
words-told-until-taken-back = jusqu’à ce que vous la retiriez, ou partiez
words-told-value-hash = une empreinte argon2id ; le mot de passe lui-même n’est pas conservé
words-told-value-digest = une empreinte à clé de votre adresse, en mémoire
