# SPDX-License-Identifier: BSD-2-Clause
"""The players: a dialer (several user agents) and providers (several dialects), and the truth about every call they make.

A scenario says what the provider does and why (`cause`); this file says only how it looks on the wire.  Nothing here knows
what trunkwatch does with it.  Every choice comes from the lab's own random generator: same name and seed, same bytes.
"""
import hashlib
import json
import random

import wire

ALL = ["wrong_password", "wrong_username", "wrong_realm", "no_credentials", "unsupported_algorithm", "stale_nonce_loop", "ip_not_allowed",
       "rate_limited", "channel_limit", "blocked_after_success", "account_suspended", "caller_id_not_allowed", "destination_not_allowed",
       "from_header_mismatch", "payment_required", "stir_shaken", "carrier_outage", "no_response", "icmp_unreachable", "number_format"]
PHRASE = {400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found", 407: "Proxy Authentication Required",
          408: "Request Timeout", 410: "Gone", 415: "Unsupported Media Type", 420: "Bad Extension", 422: "Session Interval Too Small",
          423: "Interval Too Brief", 428: "Use Identity Header", 433: "Anonymity Disallowed", 436: "Bad Identity Info",
          437: "Unsupported Credential", 438: "Invalid Identity Header", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
          482: "Loop Detected", 483: "Too Many Hops", 484: "Address Incomplete", 486: "Busy Here", 487: "Request Terminated",
          488: "Not Acceptable Here", 489: "Bad Event", 491: "Request Pending", 500: "Server Internal Error", 502: "Bad Gateway",
          503: "Service Unavailable", 504: "Server Time-out", 600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere",
          606: "Not Acceptable", 607: "Unwanted", 608: "Rejected", 302: "Moved Temporarily"}
Q850 = {404: (1, "UNALLOCATED_NUMBER"), 410: (22, "NUMBER_CHANGED"), 480: (19, "NO_ANSWER"), 486: (17, "USER_BUSY"), 603: (21, "CALL_REJECTED"),
        604: (1, "UNALLOCATED_NUMBER"), 503: (34, "NORMAL_CIRCUIT_CONGESTION"), 500: (41, "NORMAL_TEMPORARY_FAILURE"), 502: (38, "NETWORK_OUT_OF_ORDER")}
#            server header, header names, trying (before challenge, after), to-tag, refusal extras, own 407/401 phrase, qop, header order
DIALECTS = {
    "kamailio": dict(server="Server: kamailio (5.7.4 (x86_64/linux))", trying="trying -- your call is important to us", tag="{h32}.{h8}", early=0),
    "opensips": dict(server="Server: OpenSIPS (3.4.2 (x86_64/linux))", trying="Giving it a try", tag="{h32}-{h4}", early=1, qop="auth"),
    "asterisk": dict(server="Server: Asterisk PBX 20.5.0", trying="Trying", tag="as{h8}", early=0, opaque=1, alg="MD5"),
    "freeswitch": dict(server="User-Agent: FreeSWITCH-mod_sofia/1.10.10-release~64bit", trying="Trying", tag="{B13}", early=1, qop="auth", alg="MD5", reason=1),
    "sonus": dict(server=None, trying="Trying", tag="gK{h8}", early=1, qop="auth", alg="MD5", warn="399 {d} \"SBC-CORE\""),
    "acme": dict(server=None, trying="Trying", tag="SD{h8}-{h8}", early=1, x=["X-ACL-Session: {h12}"], lower=0, reason=1),
    "cube": dict(server="Server: Cisco-SIPGateway/IOS-16.12.5", trying="Trying", tag="{H8}-{H4}", early=1, date=1, reason=1),
    "genband": dict(server="Server: GENBAND Q20 9.4.1", trying="Trying", tag="{d8}", early=0, compact=1),
    "vos": dict(server="Server: VOS3000 V2.1.8.05", trying="Trying", tag="{d10}", early=0, alg="MD5", upper_hex=1),
    "generic": dict(server=None, trying="Trying", tag="{h16}", early=0, lower=1),
    # kept for the held-out part
    "metaswitch": dict(server=None, trying="Trying", tag="{h6}+1+{h8}+{h8}", early=1, qop="auth", opaque=1, reason=1, x=["P-Charging-Vector: icid-value={h16}"]),
    "yate": dict(server="Server: YATE/6.4.0", trying="Trying", tag="{d9}", early=1, alg="MD5", order=1),
    "sippy": dict(server="Server: Sippy Softswitch v2022", trying="Trying", tag="{h32}", early=0, qop="auth", x=["h323-conf-id: {d9}-{d9}"]),
    "portaone": dict(server="Server: PortaSIP", trying="Trying", tag="{h16}-{d4}", early=0, compact=1, opaque=1),
}
HELD_DIALECTS = ["metaswitch", "yate", "sippy", "portaone"]
AGENTS = [("chan_sip", "Asterisk PBX 13.38.3-vici"), ("chan_sip", "Asterisk PBX 16.30.1-vici"), ("chan_sip", "Asterisk PBX 18.21.0-vici"),
          ("pjsip", "Asterisk PBX 20.9.2"), ("freeswitch", "FreeSWITCH-mod_sofia/1.10.11-release~64bit"), ("pjsip", "Asterisk PBX 18.26.4")]
HELD_AGENTS = [("freeswitch", "dialcore/4.2"), ("pjsip", "FPBX-16.0.40(18.20.2)"), ("chan_sip", "OutboundEngine 3"), ("chan_sip", None)]
COMPACT = {"Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m", "Content-Length": "l", "Content-Type": "c", "Supported": "k"}


# ---- what the provider does with a call ------------------------------------------------------------------------------------------
def OK(hold=20, ring=1.5, by="us", early=True):
    return dict(kind="ok", hold=hold, ring=ring, by=by, early=early)


def REF(code, phrase=None, stage="post", hdrs=(), ring=0, wait=0.0, trying=None):
    """Refuse: stage "pre" before any challenge, "post" after credentials (or at once on a trunk without digest)."""
    return dict(kind="ref", code=code, phrase=phrase, stage=stage, hdrs=list(hdrs), ring=ring, wait=wait, trying=trying)


def RECH(n=3, stale=False, then=None):
    """Challenge n more times after credentials; then refuse (REF) or leave it."""
    return dict(kind="rech", n=n, stale=stale, then=then)


def UNANS():
    return dict(kind="unans")


def SILENT(stage="pre"):
    return dict(kind="silent", stage=stage)


def CANCEL(ring=8):
    return dict(kind="cancel", ring=ring)


class Trunk:
    """One account at one provider address, as the dialer uses it."""

    def __init__(self, lab, name, ip, **kw):
        r = lab.rng
        self.lab, self.name, self.ip, self.port = lab, name, ip, 5060
        self.host = "sip.%s.example" % name
        self.user, self.secret = r.choice(["%s_%d" % (name, r.randrange(100, 999)), "%d" % r.randrange(10**6, 10**7), "acct%d" % r.randrange(9999)]), "S-" + lab.hx(10)
        self.auth, self.transport, self.cli_in = "407", "udp", r.choice(["from", "pai", "rpid", "from"])
        self.dialect, self.rtt, self.src, self.sport, self.seen = r.choice(lab.dialects), r.uniform(.008, .09), lab.ip, 5060, None
        self.realm, self.algorithm, self.use_ip, self.t1, self.stack, self.agent = None, None, r.random() < .4, None, lab.stack, lab.agent
        self.cause, self.acceptable, self.fromuser, self.fromdomain, self.tls_port = "ok", None, None, None, None
        self.reg_id = self.reg_nonce = None
        self.clis = ["1%d%07d" % (r.randrange(201, 989), r.randrange(10**7)) for _ in range(r.choice([1, 3, 6]))]
        self.__dict__.update(kw)
        self.realm = self.realm or r.choice([self.host, self.ip, name + ".example"])
        self.d = DIALECTS[self.dialect]
        ip = "[%s]" % self.ip if ":" in self.ip else self.ip
        self.target = (ip if self.use_ip else self.host) + (":%d" % self.port if self.port != 5060 or r.random() < .3 else "")


class Lab:
    def __init__(self, name, seed, held=False, ip="203.0.113.45", link=None, snaplen=262144, vlan=0, public=None):
        self.name, self.rng, self.held = name, random.Random("%s/%d" % (name, seed)), held
        r = self.rng
        if ip == "203.0.113.45":
            ip = r.choice(["203.0.113.%d" % r.randrange(2, 250), "10.%d.%d.9" % (r.randrange(255), r.randrange(255)), "192.0.2.%d" % r.randrange(2, 120)])
        self.ip = ip
        self.public = public or (ip if not ip.startswith("10.") else "203.0.113.%d" % r.randrange(2, 250))
        self.dialects = HELD_DIALECTS if held else [d for d in DIALECTS if d not in HELD_DIALECTS]
        self.stack, self.agent = r.choice(HELD_AGENTS if held else AGENTS)
        self.pcap = wire.Pcap([ip], link or r.choice(["sll2", "en10mb", "sll", "raw"]), vlan, snaplen)
        self.t0 = 1795000000.0 + r.randrange(10**6)
        self.trunks, self.calls, self.regs, self.hostile, self.local, self.out = [], [], [], [], [], []
        self.cause, self.acceptable, self.must_not, self.why, self.by_cause, self.extra_local = "ok", ["ok"], [], "", {}, []
        self.picked = {}
        self.keep, self.expect = (lambda t, src, ip: True), None

    # ---- small things ------------------------------------------------------------------------------------------------------------
    def hx(self, n):
        return "%0*x" % (n, self.rng.getrandbits(4 * n))

    def fill(self, s):
        out, r = s, self.rng
        for k in ("h32", "h16", "h12", "h8", "h6", "h4"):
            while "{%s}" % k in out:
                out = out.replace("{%s}" % k, self.hx(int(k[1:])), 1)
        for k in ("H8", "H4"):
            out = out.replace("{%s}" % k, self.hx(int(k[1:])).upper())
        for k in ("d10", "d9", "d8", "d4", "d"):
            while "{%s}" % k in out:
                out = out.replace("{%s}" % k, "%d" % r.randrange(10 ** (int(k[1:] or 3) - 1), 10 ** int(k[1:] or 3)), 1)
        return out.replace("{B13}", "".join(r.choice("ABCDFGHJKLMNPQRSTUVXYZacdef0123456789") for _ in range(13)))

    def number(self, prefix="1", length=11):
        return prefix + "".join(self.rng.choice("23456789") if i == 0 else self.rng.choice("0123456789") for i in range(length - len(prefix)))

    def trunk(self, name=None, ip=None, **kw):
        r = self.rng
        names = ["telvox", "northcall", "voipbay", "routeone", "clearline", "speakon", "bluewire", "termico"]
        name = name or r.choice([n for n in names if n not in [t.name for t in self.trunks]])
        ip = ip or r.choice(["198.51.100.%d" % r.randrange(2, 250), "192.0.2.%d" % r.randrange(130, 250)])
        t = Trunk(self, name, ip, **kw)
        self.trunks.append(t)
        return t

    # ---- messages ----------------------------------------------------------------------------------------------------------------
    def send(self, t, tr, ours, text, seen_port=None):
        a, b = (tr.src, seen_port or tr.sport), (tr.ip, tr.port)
        (src, sp), (dst, dp) = (a, b) if ours else (b, a)
        self.out.append((t, len(self.out), tr.transport, src, sp, dst, dp, text.encode()))

    def headers(self, tr, start, heads, body=""):
        heads = heads + ([("Content-Type", "application/sdp")] if body else []) + [("Content-Length", str(len(body)))]
        return start + "\r\n" + "".join("%s: %s\r\n" % h for h in heads) + "\r\n" + body

    def sdp(self, ip, who):
        n = self.rng.randrange(10**8)
        fam = "IP6" if ":" in ip else "IP4"
        return ("v=0\r\no=%s %d %d IN %s %s\r\ns=%s\r\nc=IN %s %s\r\nt=0 0\r\nm=audio %d RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
                "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n" % (
                    who[0], n, n, fam, ip, who[1], fam, ip, 10000 + 2 * self.rng.randrange(9000)))

    def branch(self, tr):
        return "z9hG4bK" + {"chan_sip": self.hx(8), "pjsip": "Pj%s-%s-%s" % (self.hx(8), self.hx(4), self.hx(12)), "freeswitch": self.fill("{B13}")}[tr.stack]

    def dialog(self, tr, method, num, cli, cseq=None, display=None):
        r = self.rng
        me = "[%s]" % tr.src if ":" in tr.src else tr.src
        dom = tr.fromdomain or (me if r.random() < .5 else tr.target.split(":")[0] if ":" not in tr.ip else tr.target)
        user = tr.fromuser or (cli if tr.cli_in == "from" and method == "INVITE" else tr.user)
        if method == "OPTIONS":
            user = "asterisk"
        tag = {"chan_sip": "as" + self.hx(8), "pjsip": "%s-%s-%s" % (self.hx(8), self.hx(4), self.hx(12)), "freeswitch": self.fill("{B13}")}[tr.stack]
        cid = {"chan_sip": "%s@%s" % (self.hx(32), r.choice([me + ":5060", me, dom])), "pjsip": "%s-%s-%s-%s-%s" % tuple(map(self.hx, (8, 4, 4, 4, 12))),
               "freeswitch": "%s-%s-%s-%s-%s" % tuple(map(self.hx, (8, 4, 123 % 5 + 1, 4, 12)))}[tr.stack]
        display = display if display is not None else r.choice(["V%010d%010d" % (r.randrange(10**9, 10**10), r.randrange(10**6)), cli or ""]) if method == "INVITE" else ""
        ruri = "sip:%s@%s" % (num, tr.target) if num else "sip:%s" % tr.target
        if tr.transport == "tcp" and tr.stack != "chan_sip":
            ruri += ";transport=tcp"
        frm = ('"%s" ' % display if display else "") + "<sip:%s@%s>;tag=%s" % (user, dom, tag)
        to = "<sip:%s@%s>" % (tr.user if method == "REGISTER" else num, tr.target) if (num or method == "REGISTER") else "<%s>" % ruri
        if method == "REGISTER":
            frm = "<sip:%s@%s>;tag=%s" % (tr.user, tr.target, tag)
        return dict(tr=tr, m=method, cid=cid, frm=frm, to=to, uri=ruri, cseq=cseq or r.choice([102, r.randrange(1, 30000)]), cli=cli, num=num, user=user, br="",
                    codes=[], auth=None, sdp=self.sdp(tr.src, ("root", tr.agent or "-")) if method == "INVITE" else "", me=me, contact=tr.user if r.random() < .6 else (cli or tr.user))

    def request(self, t, d, method=None, auth=None, body=None, to=None, again=False, extra=()):
        tr, method = d["tr"], method or d["m"]
        if not again and method not in ("ACK", "CANCEL"):
            d["br"] = self.branch(tr)
        via = "SIP/2.0/%s %s:%d;branch=%s;rport" % (tr.transport.upper(), d["me"], tr.sport, d["br"])
        if tr.stack == "pjsip":
            via = "SIP/2.0/%s %s:%d;rport;branch=%s" % (tr.transport.upper(), d["me"], tr.sport, d["br"])
        h = [("Via", via)]
        mf, ua = ("Max-Forwards", "70"), [("User-Agent", tr.agent)] if tr.agent else []
        core = [("From", d["frm"]), ("To", to or d["to"])]
        contact = [("Contact", "<sip:%s@%s:%d%s>" % (d["contact"], d["me"], tr.sport, ";transport=tcp" if tr.transport == "tcp" else ""))] if method not in ("CANCEL", "BYE") else []
        ids = [("Call-ID", d["cid"]), ("CSeq", "%d %s" % (d["cseq"], method))]
        who = []
        if method == "INVITE":
            if tr.cli_in == "pai":
                who = [("P-Asserted-Identity", '"%s" <sip:%s@%s>' % (d["cli"], d["cli"], tr.target))]
            elif tr.cli_in == "rpid":
                who = [("Remote-Party-ID", '"%s" <sip:%s@%s>;party=calling;privacy=off;screen=no' % (d["cli"], d["cli"], d["me"]))]
        allow = [("Allow", "INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, PUBLISH, MESSAGE"), ("Supported", "replaces, timer")] if method in ("INVITE", "OPTIONS") else []
        a = [auth] if auth else []
        order = {"chan_sip": h + [mf] + core + contact + ids + ua + a + allow + who, "pjsip": h + core + contact + ids + allow + who + [mf] + ua + a,
                 "freeswitch": h + [mf] + core + ids + contact + ua + allow + a + who}[tr.stack]
        self.send(t, tr, True, self.headers(tr, "%s %s SIP/2.0" % (method, d["uri"]), order + list(extra), d["sdp"] if method == "INVITE" and body is None else body or ""), d.get("sport"))

    def reply(self, t, d, code, phrase=None, extra=(), body="", method=None, tag=True):
        tr, dl = d["tr"], d["tr"].d
        seen, sp = tr.seen or (self.public if tr.src == self.ip else tr.src), d.get("sport", tr.sport)
        sp = tr.__dict__.get("seen_port", sp)
        via = "SIP/2.0/%s %s:%d;branch=%s;received=%s;rport=%d" % (tr.transport.upper(), d["me"], tr.sport, d["br"], seen, sp)
        if dl.get("order"):
            via = "SIP/2.0/%s %s:%d;rport=%d;received=%s;branch=%s" % (tr.transport.upper(), d["me"], tr.sport, sp, seen, d["br"])
        to = d["to"]
        if tag and code > 100:
            d.setdefault("totag", self.fill(dl["tag"]))
            to += ";tag=" + d["totag"]
        h = [("Via", via), ("From", d["frm"]), ("To", to), ("Call-ID", d["cid"]), ("CSeq", "%d %s" % (d["cseq"], method or d["m"]))]
        if dl.get("order"):
            h = [h[0], h[2], h[1], h[4], h[3]]
        if dl.get("date"):
            h.append(("Date", "Tue, 24 Nov 2026 10:12:13 GMT"))
        h += list(extra)
        if dl["server"] and code > 100:
            h.append(tuple(dl["server"].split(": ", 1)))
        if code > 180 and dl.get("x"):
            h += [tuple(self.fill(x).split(": ", 1)) for x in dl["x"]]
        if dl.get("compact"):
            h = [(COMPACT.get(k, k), v) for k, v in h]
        text = self.headers(tr, "SIP/2.0 %d %s" % (code, PHRASE.get(code, "Rejected") if phrase is None else phrase), h, body)
        if dl.get("lower"):
            head, _, rest = text.partition("\r\n\r\n")
            lines = head.split("\r\n")
            text = "\r\n".join([lines[0]] + [ln.split(":", 1)[0].lower() + ":" + ln.split(":", 1)[1] for ln in lines[1:]]) + "\r\n\r\n" + rest
        d["codes"].append(code)
        self.send(t, tr, False, text, d.get("sport"))

    def challenge(self, t, d, stale=False, new=True, algs=None):
        tr, dl = d["tr"], d["tr"].d
        if new:
            d["nonce"] = self.hx(32).upper() if dl.get("upper_hex") else self.hx(32)
            d["nc"] = 0
        code = 401 if tr.auth == "401" or d["m"] == "REGISTER" else 407
        heads = []
        for alg in algs or [tr.algorithm or dl.get("alg")]:
            p = 'Digest realm="%s", nonce="%s"' % (tr.realm, d["nonce"])
            p += ', opaque="%s"' % d["nonce"][:12] if dl.get("opaque") else ""
            p += ", algorithm=%s" % alg if alg else ""
            p += ', qop="%s"' % dl["qop"] if dl.get("qop") else ""
            p += ", stale=true" if stale else ""
            heads.append(("WWW-Authenticate" if code == 401 else "Proxy-Authenticate", p))
        self.reply(t, d, code, tr.__dict__.get("chal_phrase"), heads)

    def credentials(self, d, secret=None, user=None):
        tr, dl = d["tr"], d["tr"].d
        d["nc"] = d.get("nc", 0) + 1
        alg = tr.algorithm or "MD5"
        fn = lambda s: hashlib.new({"MD5": "md5", "SHA-256": "sha256"}[alg], s.encode()).hexdigest()
        user, uri = user or tr.user, d["uri"]
        a1, a2 = fn("%s:%s:%s" % (user, tr.realm, secret or tr.secret)), fn("%s:%s" % (d["m"], uri))
        p = 'Digest username="%s", realm="%s", nonce="%s", uri="%s", algorithm=%s' % (user, tr.realm, d["nonce"], uri, alg)
        if dl.get("qop"):
            cn, nc = self.hx(8), "%08x" % d["nc"]
            p += ', response="%s", qop=auth, nc=%s, cnonce="%s"' % (fn(":".join((a1, d["nonce"], nc, cn, "auth", a2))), nc, cn)
        else:
            p += ', response="%s"' % fn(":".join((a1, d["nonce"], a2)))
        p += ', opaque="%s"' % d["nonce"][:12] if dl.get("opaque") else ""
        d["auth"] = user
        return ("Authorization" if tr.auth == "401" or d["m"] == "REGISTER" else "Proxy-Authorization", p)

    def ack(self, t, d):
        self.request(t, d, "ACK", body="", to=d["to"] + (";tag=" + d["totag"] if "totag" in d else ""))

    def final(self, t, d, do):
        tr = d["tr"]
        if do["ring"]:
            self.reply(t, d, 180 if do["ring"] < 4 else 183, "Ringing" if do["ring"] < 4 else "Session Progress")
            t += do["ring"]
        t += do["wait"]
        h = list(do["hdrs"])
        q = Q850.get(do["code"])
        if tr.d.get("reason") and q and not any(x[0] == "Reason" for x in h) and do.get("q", True) and do["ring"]:
            h.append(("Reason", 'Q.850;cause=%d;text="%s"' % q))
        self.reply(t, d, do["code"], do["phrase"], h)
        if d["m"] == "INVITE":
            self.ack(t + .002, d)
        return t

    def retransmit(self, t, d, auth=None):
        tr = d["tr"]
        t1 = tr.t1 or .5
        if tr.transport == "tcp":
            return t + 32
        gap, at = t1, t
        while at + gap - t < 64 * t1:
            at += gap
            self.request(at, d, auth=auth, again=True)
            gap = gap * 2 if d["m"] == "INVITE" else min(gap * 2, 4.0)
        return t + 64 * t1

    # ---- one call ----------------------------------------------------------------------------------------------------------------
    def attempt(self, t, d, do, secret=None, user=None):
        """The request, the challenge and what follows; returns the time of the final answer (the dialog's codes tell which)."""
        tr = d["tr"]
        rtt, k = tr.rtt, do["kind"]
        self.request(t, d)
        if k == "silent" and do["stage"] == "pre":
            return self.retransmit(t, d)
        t += rtt
        inv = d["m"] == "INVITE"
        trying = tr.d["early"] if do.get("trying") is None else do["trying"]
        if inv and trying:
            self.reply(t - rtt / 4, d, 100, tr.d["trying"], tag=False)
        if k == "ref" and do["stage"] == "pre":
            return self.final(t, d, do)
        auth = None
        if tr.auth != "none":
            for n in range(1 + (do["n"] if k == "rech" else 0)):
                stale = n > 0 and do.get("stale", False)
                self.challenge(t, d, stale)
                if inv:
                    self.ack(t + .001, d)
                if k == "unans":
                    return t
                if k == "rech" and n == do["n"] and not do["then"]:
                    return t
                d.pop("totag", None)
                d["cseq"] += 1
                auth = self.credentials(d, secret, user)
                self.request(t + .002, d, auth=auth)
                t += .002 + rtt
            if k == "rech":
                return self.final(t, d, do["then"])
        if k == "silent":
            return self.retransmit(t - rtt, d, auth)
        if k == "ref":
            if inv and (trying or self.rng.random() < .5) and tr.auth != "none":
                self.reply(t - rtt / 8, d, 100, tr.d["trying"], tag=False)
            return self.final(t, d, do)
        if inv:
            self.reply(t - rtt / 8, d, 100, tr.d["trying"], tag=False)
            return self.answered(t, d, do)
        return t

    def answered(self, t, d, do):
        tr, rtt = d["tr"], d["tr"].rtt
        rem = [("Contact", "<sip:%s@%s:%d>" % (d["num"], tr.ip if ":" not in tr.ip else "[%s]" % tr.ip, tr.port))]
        body = self.sdp(tr.ip, ("-", "media"))
        t += .1 + self.rng.random()
        if do.get("early", True) and self.rng.random() < .5:
            self.reply(t, d, 183, "Session Progress", rem, body)
        else:
            self.reply(t, d, 180, "Ringing", rem)
        t += do["ring"] * self.rng.uniform(.6, 1.5)
        if do["kind"] == "cancel":
            self.request(t, d, "CANCEL", body="")
            self.reply(t + rtt, d, 200, "OK", method="CANCEL")
            self.reply(t + rtt + .003, d, 487)
            self.ack(t + rtt + .005, d)
            return t + rtt
        self.reply(t, d, 200, "OK", rem, body)
        self.ack(t + .002, d)
        d["tans"] = t
        t += do["hold"]
        d["end"] = t
        if do["by"] == "us":
            d["cseq"] += 1
            self.request(t, d, "BYE", to=d["to"] + ";tag=" + d["totag"], body="")
            self.reply(t + rtt, d, 200, "OK", method="BYE")
        else:
            via = "SIP/2.0/%s %s:%d;branch=z9hG4bK%s" % (tr.transport.upper(), tr.ip if ":" not in tr.ip else "[%s]" % tr.ip, tr.port, self.hx(12))
            h = [("Via", via), ("From", d["to"] + ";tag=" + d["totag"]), ("To", d["frm"]), ("Call-ID", d["cid"]), ("CSeq", "1 BYE")]
            self.send(t, tr, False, self.headers(tr, "BYE sip:%s@%s:%d SIP/2.0" % (d["contact"], d["me"], tr.sport), h + [("Max-Forwards", "66")]))
            self.send(t + .001, tr, True, self.headers(tr, "SIP/2.0 200 OK", h))
        return t

    def call(self, t, tr, do, cause="ok", cli=None, num=None, secret=None, user=None, display=None, sport=None):
        """Place one call at t (seconds after the start); returns the dialog (d["t"] = end of signalling)."""
        t += self.t0
        d = self.dialog(tr, "INVITE", num or self.number(), cli or self.rng.choice(tr.clis), display=display)
        if sport:
            d["sport"] = sport
        end = self.attempt(t, d, do, secret, user)
        d["t"] = end - self.t0
        codes = [c for c in d["codes"] if c >= 200]
        fin = 200 if 200 in codes and do["kind"] == "ok" else codes[-1] if codes and do["kind"] != "silent" else 0
        if cause == "ok" and do["kind"] in ("ref", "cancel"):
            cause = "normal_outcome"
        self.calls.append(dict(call_id=d["cid"], t=t, direction="outbound", src=tr.src, provider_ip=tr.ip, from_user=d["user"], auth_user=d["auth"], number=d["num"],
                               final_code=fin, cause=cause, trunk=tr.name, wire_codes=d["codes"]))
        return d

    def register(self, t, tr, do=None, cause="ok", expires=120, secret=None, cached=False, user=None):
        t += self.t0
        do = do or dict(kind="ok")
        if not tr.reg_id or tr.reg_id["me"] not in tr.src and tr.src not in tr.reg_id["me"]:
            tr.reg_id = self.dialog(tr, "REGISTER", "", None)
        d = tr.reg_id
        d["cseq"] += 1
        d["codes"], d["auth"] = [], None
        d.pop("totag", None)
        extra = [("Expires", str(expires))]
        if cached and "nonce" in d and do["kind"] == "ok":
            self.request(t, d, auth=self.credentials(d, secret, user), extra=extra)
            end = t + tr.rtt
            if cached == "stale":
                self.challenge(end, d, stale=True)
                d["cseq"] += 1
                self.request(end + .001, d, auth=self.credentials(d, secret, user), extra=extra)
                end += tr.rtt
        else:
            end = self.attempt(t, d, do, secret, user)
        if do["kind"] == "ok":
            d.pop("totag", None)
            self.reply(end, d, 200, "OK", [("Contact", "<sip:%s@%s:%d>;expires=%d" % (d["contact"], d["me"], tr.sport, expires))])
        codes = [c for c in d["codes"] if c >= 200]
        self.regs.append(dict(call_id=d["cid"], t=t, provider_ip=tr.ip, src=tr.src, user=tr.user, auth_user=d["auth"], code=codes[-1] if codes and do["kind"] != "silent" else 0, cause=cause, trunk=tr.name))
        return end - self.t0

    def options(self, t, tr, code=200, phrase=None):
        t += self.t0
        d = self.dialog(tr, "OPTIONS", "", None, cseq=102)
        self.request(t, d)
        if code:
            self.reply(t + tr.rtt, d, code, phrase or ("OK" if code == 200 else None))
        else:
            self.retransmit(t, d)

    def background(self):
        """What an ordinary dialer call ends with, and the truth is: nothing wrong."""
        r = self.rng.random()
        if r < .45:
            return OK(hold=self.rng.expovariate(1 / 25) + 1, by=self.rng.choice(["us", "them"]))
        if r < .70:
            return CANCEL(ring=self.rng.uniform(5, 20))
        code = self.rng.choice([486, 480, 480, 404, 603, 486, 410])
        return REF(code, ring=self.rng.choice([0.5, 1, 3, 6]) if code not in (404, 410) else self.rng.choice([0, .4]), wait=self.rng.uniform(.3, 1.5))

    def healthy(self, t, tr, n, gap=4.0, mix=None, **kw):
        for _ in range(n):
            self.call(t, tr, (mix or self.background)(), **kw)
            t += self.rng.expovariate(1 / gap)
        return t

    def upkeep(self, t, tr, until, every=60, code=200):
        while t < until:
            self.options(t, tr, code)
            t += every

    # ---- the other side calls us ---------------------------------------------------------------------------------------------------
    def stranger(self, t, src, sport, method, user, agent, codes, kind="hostile", creds=None, src_dst=None, cause=None, cid=None):
        """A request to our box from anywhere, and our answers; hostile, local (one of our phones) or inbound (a trunk's call)."""
        t += self.t0
        cid = cid or "%s@%s" % (self.hx(16), src)
        br, tag, seq, nonce = self.hx(12), self.hx(8), 1, self.hx(8)
        to = "<sip:%s@%s>" % (user, self.ip)
        frm = "<sip:%s@%s>;tag=%s" % (creds or user, self.ip if kind != "inbound" else src, tag)
        ua = [("User-Agent", agent)] if agent else []
        for n, code in enumerate(codes):
            a = []
            if n and creds:
                uri = "sip:%s" % self.ip
                rsp = hashlib.md5((self.hx(8) + nonce).encode()).hexdigest()
                a = [("Authorization", 'Digest username="%s", realm="asterisk", nonce="%s", uri="%s", response="%s", algorithm=MD5' % (creds, nonce, uri, rsp))]
            h = [("Via", "SIP/2.0/UDP %s:%d;branch=z9hG4bK%s;rport" % (src, sport, br)), ("Max-Forwards", "70"), ("From", frm), ("To", to), ("Call-ID", cid),
                 ("CSeq", "%d %s" % (seq, method)), ("Contact", "<sip:%s@%s:%d>" % (creds or user, src, sport))] + ua + a
            uri = "sip:%s" % self.ip if method == "REGISTER" else "sip:%s@%s" % (user, self.ip)
            body = self.sdp(src, ("-", "-")) if method == "INVITE" else ""
            self.out.append((t, len(self.out), "udp", src, sport, self.ip, 5060, self.headers(None, "%s %s SIP/2.0" % (method, uri), h, body).encode()))
            if not code:
                continue
            w = [("WWW-Authenticate", 'Digest algorithm=MD5, realm="asterisk", nonce="%s"' % nonce)] if code == 401 else []
            rh = [(h[0][0], h[0][1].replace(";rport", ";received=%s;rport=%d" % (src, sport))), ("From", frm), ("To", to + ";tag=as" + self.hx(8)), ("Call-ID", cid), h[5],
                  ("Server", self.agent or "PBX")] + w
            self.out.append((t + .0008, len(self.out), "udp", self.ip, 5060, src, sport, self.headers(None, "SIP/2.0 %d %s" % (code, PHRASE.get(code, "OK")), rh).encode()))
            if method == "INVITE":
                self.out.append((t + .02, len(self.out), "udp", src, sport, self.ip, 5060, self.headers(None, "ACK %s SIP/2.0" % uri, h[:2] + [rh[1], rh[2], h[4], ("CSeq", "%d ACK" % seq)]).encode()))
            seq += 1
            br, t = self.hx(12), t + .03
        rec = dict(call_id=cid, t=t, src=src, method=method, codes=codes, cause=cause or {"hostile": "scanner_attack", "local": "local_client"}.get(kind, "inbound_rejected_by_us"))
        if kind == "hostile":
            self.hostile.append(rec)
        elif kind == "local":
            self.local.append(rec)
        else:
            self.calls.append(dict(rec, direction="inbound", provider_ip=src, final_code=codes[-1], cause=rec["cause"]))

    # ---- the end ------------------------------------------------------------------------------------------------------------------
    def label(self, cause, acceptable=None, must_not=None, why="", by_cause=None):
        self.cause, self.acceptable, self.why, self.by_cause = cause, acceptable or [cause], why, by_cause or {}
        self.must_not = (["wrong_password"] if not {"wrong_password", "wrong_username"} & set(self.acceptable) else []) if must_not is None else must_not
        return self

    def write(self, base):
        self.out.sort()
        for t, _, tp, src, sp, dst, dp, data in self.out:
            (self.pcap.udp if tp == "udp" else self.pcap.tcp_data)(t, src, sp, dst, dp, data)
        self.pcap.write(base + ".pcap", self.keep)
        ts = [p[0] for p in self.pcap.packets]
        truth = dict(scenario=self.name, description=self.why, cause=self.cause, capture=dict(start=min(ts), end=max(ts)),
                     dialer_ips=[self.ip] + self.extra_local, provider_ips=sorted({t.ip for t in self.trunks}),
                     trunks=[dict(name=t.name, host=t.host, provider_ip=t.ip, port=t.port, transport=t.transport, cause=t.cause, configured=dict(username=t.user),
                                  acceptable=t.acceptable or [t.cause]) for t in self.trunks],
                     calls=self.calls, registrations=self.regs, hostile_dialogues=self.hostile, local_client_dialogues=self.local,
                     acceptable=self.acceptable, acceptable_by_cause=self.by_cause, must_not=self.must_not, wire={}, split="lab")
        if self.expect:
            truth["expect_incident"] = self.expect
        with open(base + ".truth.json", "w") as f:
            json.dump(truth, f, indent=1)
