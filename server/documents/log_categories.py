# What an entry of an application's log is about, by the words of clients and frameworks that were recorded.
import bisect
import re


class Near:
    """
    Two expressions of small letters at most 300 characters apart, in a text of any. As one expression they would take long on a text that repeats the
    first one, and a search that ignores case takes four times as long.
    """

    def __init__(self, one, other):
        self.one, self.other = re.compile(one), re.compile(other)

    def search(self, text):
        text = text.lower()
        if not self.one.search(text):
            return False
        others = [found.span() for found in self.other.finditer(text)]
        begins = [begin for begin, _ in others]
        for found in self.one.finditer(text):
            # Among the others that begin early enough, the last one ends last.
            last = bisect.bisect_right(begins, found.end() + 300) - 1
            if last >= 0 and found.start() - others[last][1] <= 300:
                return True
        return False


# What names the store or its client in a text; `:6379` is its port. Of ElastiCache's hosts, those of Memcached have another one.
STORE_WORD = (
    r"(?:(?:redis|valkey)(?![-_](?:exporter|docs|sync|commander|insight)|cover|play|pos|tribut)|redigo|lettuce|jedis|elasticache|session[ _-]?(?:store|lookup)"
    r"|session_(?:start|write_close)\(\)|failed to (?:read|write) session data|(?<=[\w\])]):6379\b|port: 6379\b|\.cache\.amazonaws\.com(?!(?:\.cn)?:11211))"
)
# The same in the frames of a trace. Filters of session libraries are in the trace of every request, and name nothing.
STORE_FRAME = re.compile(
    r"\bio\.lettuce\.|\bredis\.clients\.|\borg\.redisson\.|node_modules/(?:ioredis|redis|redis-parser|@(?:node-)?redis/[\w-]+|iovalkey|@valkey/[\w-]+)/"
    r"|/(?:aio|django_)?(?:redis|valkey)/(?:_parsers/|asyncio/)?\w+\.py\"|\bRedis(?:Cluster)?(?:->|::)|/redis(?:-client)?-[\d.]+/|/redis/client\.rb"
)
TROUBLE = (
    r"(?:refused|timed?[ -]?out|timeout|unreachable|(?<!password )\breset\b(?! password)|not (?:available|connected|served|covered)|unavailable|closed|no (?:connection|sentinels)|did not answer"
    r"|(?:can(?:no|')t|unable to|failed to) (?:(?:re)?connect|create socket|update cluster|refresh)|unable to (?:acquire|init|resolve)|could not get a resource|went away|lost connection"
    r"|\be(?:conn\w+|timedout|hostunreach|netunreach|notfound|ai_again|pipe|of(?:error)?\b)|broken (?:pipe|state)|connection (?:lost|failure|exception|error)|socket hang up|is loading"
    r"|error communicating|while (?:reading|writing) \w{1,20} (?:from|to) the server|exhausted|too many connections|max number of clients|(?:deadline|size) exceeded|queue is full|offline\b(?! queue)"
    r"|certificate|ssl operation failed|enable crypto|handshake|getaddrinfo|name (?:or service )?not known|unknown ?host|failed to (?:read|write) session data"
    r"|tryagain\b|are down\b|link with master is down|authentication required|invalid username-password|has no permissions|disconnected|unexpectedly)"
)
IN_TROUBLE = re.compile(TROUBLE)
# Clients of databases and sites: what they say of a connection is not about the store, unless one of its client's classes says it.
OTHER_CLIENT = re.compile(r"SQLSTATE|\bHikari|HTTPS?ConnectionPool|\borg\.apache\.(?:http|hc)\b|\bjava\.net\.http\b|:(?:443|3306|5432|27017)\b|\bJDBC")
STORE_CLASS = re.compile(r"(?:Redis|Jedis|Valkey|Lettuce)\w{0,40}?(?:Exception|Error)|\b(?:ioredis|redis\.exceptions|redis\.clients|io\.lettuce|org\.redisson)\b")
# At these levels connections are closed as they should be.
IS_WELL = re.compile(
    r"\b(?:INFO|DEBUG|TRACE)\b|\b(?:LOG|VERBOSE) \[|\"level\": ?(?:\"(?:info|debug|trace)\"|[123]0\b)|\blevel=(?:info|debug|trace)\b|^[\[\]\dTZ:.,/ +-]{0,40}(?:info|debug|trace)\b"
)
IS_BAD = re.compile(r"(?i)\b(?:warn\w*|error|fatal|severe|critical|exception|fail\w*)\b|refused|timed out|\bECONN")
# What else has sessions.
OTHER_SESSION = re.compile(
    r"(?i)\b(?:smtp|imap|ssh|sftp|telnet|ldap|zookeeper|kafka|coordinator|hibernate|jdbc|cassandra|neo4j|mqtt|amqp|jms|stripe|selenium|webdriver|(?:websocket|stomp|sockjs|tls) session)\b"
)
# A session is read from its store, or written to it: what times out there is no session.
SESSION_WORK = (
    r"(?:\bsession[ _-]?(?:storage|repository|read|write|save|load|get|commit)\b"
    r"|\b(?:load(?:ing)?|sav(?:e|ing)|read(?:ing)?|writ(?:e|ing)|stor(?:e|ing)|committ?(?:ing)?|refresh(?:ing)?|retriev(?:e|ing)) (?:the |a |user )?session)"
)
WORK_TIMED_OUT = re.compile(r"(?i)\b(?:load|sav|read|writ|stor|committ|refresh|retriev|fetch|gett)ing (?:the |a |user )?session(?: \S{1,64})? timed out")
SESSION_INVALID = re.compile(r"(?i)SessionExpired|invalid session(?! token)")
SESSION_WORD = re.compile(r"(?i)session|cookie|remember[ _-]?me")
# Words that belong to sessions and cookies in their framework, or to anything that is encrypted.
CANNOT_DECRYPT = re.compile(
    r"(?i)\bDecryptException\b|MessageEncryptor::InvalidMessage|MessageVerifier::InvalidSignature|itsdangerous\.exc\.Bad|signing\.BadSignature|cryptography\.fernet\.InvalidToken"
    r"|not found in the key ring|error unprotecting the session|session data corrupted|cookie signature invalid|bad hmac value|securecookie: the value is not valid|JWTSessionError|no matching decryption secret"
    r"|Unable to invoke Cipher due to bad padding|cannot decrypt cookie|cookie's hash is invalid"
)
MAY_NOT_DECRYPT = re.compile(
    r"(?i)(?:can ?not|can't|could not|couldn't|unable to|failed to|error) (?:decrypt|unprotect|unseal|verify the signature)|decryption (?:has )?(?:failed|error)|AEADBadTag|BadPadding"
    r"|tag mismatch|wrong final block|unable to authenticate data|cipher: message authentication failed|(?:invalid|bad|wrong) (?:signature|hmac|mac)\b|CryptographicException|OpenSSL::Cipher::CipherError"
)

# The same text of a parser can be about anything; the frames say that it was a session.
UNREADABLE = re.compile(r"(?i)is not valid JSON|unexpected (?:token|end of JSON)|JSONDecodeError|could not read JSON")
UNREADABLE_FRAME = re.compile(r"(?i)session|connect-redis")
# Whatever it says, a session's own reader has failed.
READS_SESSION = re.compile(r"(?i)session[^\n\"]{0,100}\", line \d+, in _?(?:decode|loads?|deserialize)\b")
MARSHALLED = re.compile(r"core_ext/marshal|<internal:marshal>")
# A logger of a client, with its package cut short as Spring Boot and Log4j do.
STORE_LOGGER = re.compile(r"\b(?:o\.r\.(?:client|connection|command)|org\.redisson|i\.l\.(?:core|c)|io\.lettuce|r\.c\.jedis|redis\.clients)\.")

# None of them looks further than a bounded number of characters: a client's text stands in many of these lines.
CATEGORIES = dict(
    # By a replica; by a primary with too few replicas, or that cannot save. redis-py leaves the first word out.
    readOnly=re.compile(r"\bREADONLY (?:You can|.{0,40}(?:replica|slave|script))|\bNOREPLICAS\b|\bMISCONF\b|can't write against a read only replica"),
    outOfMemory=re.compile(r"\bOOM command not allowed\b|command not allowed when used memory > |\bOOM\b[^\n]{0,300}?maxmemory"),
    decryption=CANNOT_DECRYPT,
    serialization=re.compile(
        r"(?i)de-?serializ|\bserializ\w*(?:exception|error| fail)|failed to (?:un)?serialize|cannot serialize|InvalidClassException|StreamCorruptedException|NotSerializableException"
        r"|session[^\n]{0,90}(?:ClassNotFoundException|cannot be read|unexpected token|failed to decode)|failed to decode session|unserialize\(\)|__PHP_Incomplete_Class|UnpicklingError"
        r"|undefined class/module|marshal data too short|incompatible marshal file"
    ),
    sessionTimeout=re.compile(
        r"(?i)session\w{0,40}(?: id)?\s(?!(?:store|storage|repository|lookup|read|write|save|load|get|commit|fetch|lock)\b)"
        r"(?:(?!\W{0,3}(?:command|connection|operation|query|socket|(?:request|redis|valkey)(?= timed)|\w{0,40}(?:error|exception))\b)\S{1,200}\s){0,3}"
        r"(?:has |was |is )?(?:expired|timed out|invalidated|no longer valid)|SessionExpired|invalid session(?! token)"
    ),
    storeConnection=re.compile(
        r"(?i)RedisConnectionFailure|ClusterAllFailedError|no connection is (?:active/)?available to service this operation|(?:Jedis|Redis)(?:Connection|Exhausted\w{0,40}|Cluster\w{0,40}|AccessControl|Busy|(?:Response|Command)?Timeout)Exception|MaxRetriesPerRequest"
        r"|\b(?:WRONGPASS|NOAUTH|NOPERM|CLUSTERDOWN|MASTERDOWN)\b|max number of clients (?:\+ cluster connections )?reached|\bBUSY (?:redis|valkey) is busy"
        # Clients' own words, without their names.
        r"|\b(?:SocketClosedUnexpectedly|RootNodesUnavailable|ClientOffline|(?:Command|Socket)TimeoutDuringMaintenance)Error|enableOfflineQueue|none of startup nodes is available"
        r"|PartitionSelectorException|read error on connection|connection to redis(?: [\w.:-]{1,100})? failed|timeout (?:performing|awaiting) [^\n]{0,200}\binst: \d"
        r"|in the backlog attempting to send because no connection"
        # Of a cluster, to a client that does not take it for one.
        r"|(?-i:\b(?:MOVED|ASK) \d{1,5} [\w.:-]{1,100}:\d|\bCROSSSLOT Keys in request)"
    ),
)
# The same by two words that are near each other.
STORE_IN_TROUBLE = Near(STORE_WORD, TROUBLE)
SESSIONS_IN_TROUBLE = (Near(SESSION_WORK, TROUBLE), Near("session", r"\bcommand timed out"))


# Nothing else is of a category: most lines of a log need no closer look.
HINTS = (
    "redis valkey lettuce jedis elasticache cache.amazonaws session 6379 readonly noreplicas misconf oom maxmemory wrongpass noauth noperm clusterdown masterdown moved crossslot"
    " redigo inst: backlog busy socketclosed rootnodes clientoffline duringmaintenance offlinequeue partitionselector"
    " maxretries clusterallfailed serializ invalidclass streamcorrupted unpickling marshal class/module php_incomplete crypt sign hmac cookie remember invalidtoken o.r.c i.l.c r.c.j padding"
).split() + ["read only", "number of clients", "startup nodes", "error on connection", "service this operation", "key ring", "used memory", "uninitialized constant"]


# What a visitor asked for, and pages that a text names: their words are nobody's trouble.
ADDRESS = re.compile(
    r"\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /[^\s\"]*|(?:Not Found|Internal Server Error|Bad Request|Forbidden): /\S*|\b(?:path|url|uri)=/[^\s\"]*"
    r"|\"/(?!\d{1,3}\.)[^\s\"]*|\bhttps?://[^\s\"]*"
)


def says(name, text):
    """Whether a text has the words of a category."""
    if name == "storeConnection" and not OTHER_SESSION.search(text) and any(near.search(text) for near in SESSIONS_IN_TROUBLE):
        return True
    if name == "sessionTimeout" and WORK_TIMED_OUT.search(text) and not SESSION_INVALID.search(text):
        return False
    return bool(CATEGORIES[name].search(text)) or name == "storeConnection" and STORE_IN_TROUBLE.search(text)


def is_of_others(name, text, entry):
    """Whether a text that has the words of a category is about something else."""
    if name == "storeConnection":
        is_well = IS_WELL.search(entry.head) and not IS_BAD.search(entry.head)
        return bool(is_well or OTHER_CLIENT.search(text) and not STORE_CLASS.search(text))
    if name == "sessionTimeout":
        return bool(OTHER_SESSION.search(text))
    return name == "serialization" and "request body" in text


def trouble_of(host, port):
    """
    What a text says of trouble with the store that the environment names; None where it names none. Other servers can have its host, and an
    address is taken with the port alone.
    """
    if not host or not port.isdigit():
        return None
    host = host.lower()
    is_name = "." in host and re.search("[a-z]", host)
    return Near(r"(?<![\w.-])%s(?:%s)" % (re.escape(host), r":%s\b" % port + (r"|(?![\w:-]|\.\w)|:(?!\d)" if is_name else "")), TROUBLE)


def category_of(entry, own=None):
    """
    The first category that one of its texts is of; None for any other entry. A word alone makes no cause certain. `own`: trouble_of the server's
    store.
    """
    parts = []
    for text, frames in entry.parts():
        text = ADDRESS.sub("", text)
        lower = text.lower()
        if frames or any(hint in lower for hint in HINTS) or own and own.one.search(lower):
            parts.append((text, frames))
    if not parts:
        return None
    for name in CATEGORIES:
        if any(says(name, text) and not is_of_others(name, text, entry) for text, _ in parts):
            return name
        if name == "decryption" and any(SESSION_WORD.search(text + frames) and MAY_NOT_DECRYPT.search(text) for text, frames in parts):
            return name
        if name == "serialization" and any(UNREADABLE.search(text) and UNREADABLE_FRAME.search(frames) for text, frames in parts):
            return name
        if name == "serialization" and any(READS_SESSION.search(frames) for _, frames in parts):
            return name
        if name == "serialization" and any("uninitialized constant" in text for text, _ in parts) and entry.has_frame(MARSHALLED):
            return name
    if own and any(own.search(text) and not is_of_others("storeConnection", text, entry) for text, _ in parts):
        return "storeConnection"
    if STORE_LOGGER.search(entry.head) and any(IN_TROUBLE.search(text.lower()) and not is_of_others("storeConnection", text, entry) for text, _ in parts):
        return "storeConnection"
    # "Connection is closed." can be a database's: the frames around it say whose it is.
    return "storeConnection" if any(STORE_FRAME.search(frames) and IN_TROUBLE.search(text.lower()) for text, frames in parts) else None
