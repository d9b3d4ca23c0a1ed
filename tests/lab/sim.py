# SPDX-License-Identifier: BSD-2-Clause
"""A dialer and its providers, played on paper: packets and what a perfect analyser would say.

The labelled captures of real Asterisk and Kamailio (tests/golden) show one provider. Here the
provider speaks other dialects: SBCs, softswitches and carriers with codes, phrases and headers
of their own, while the cause is known because the scenario says it. Nothing here knows a rule
of lib/diagnose. Digests are real; the same seed gives the same bytes.

A Lab collects packets and truth; its methods play one exchange each, at self.t, and leave self.t
where the next one may begin. write() makes NAME.pcap and NAME.truth.json, which score.py reads.
"""
import hashlib
import json
import random
import socket
import struct


class Dialect:
    """How a provider's front end speaks."""

    def __init__(self, server, challenge=407, trying=True, qop=True, realm=None, tag="as", compact=False, rport=True):
        self.server, self.challenge, self.trying, self.qop = server, challenge, trying, qop
        self.realm, self.tag, self.compact, self.rport = realm, tag, compact, rport


DIALECTS = {
    "kamailio": Dialect("kamailio (5.7.4 (x86_64/linux))", tag="b27e1a1d33761e85846fc98f5f3a7e58."),
    "opensips": Dialect("OpenSIPS (3.4.2 (x86_64/linux))", qop=False),
    "asterisk": Dialect("Asterisk PBX 20.5.0", challenge=401, trying=False),
    "freeswitch": Dialect("FreeSWITCH-mod_sofia/1.10.11-release+git", tag="Fp3NQr"),
    "ribbon": Dialect(None, challenge=401, tag="gK0c", qop=True),
    "acme": Dialect(None, challenge=407, trying=True, qop=False, tag="SDfq"),
    "cube": Dialect("Cisco-SIPGateway/IOS-17.6.3", challenge=401, tag="8F2C-"),
    "vos": Dialect("VOS3000 V2.1.8.05", challenge=407, trying=True, qop=False),
    "terse": Dialect(None, challenge=407, trying=False, compact=True),
}
COMPACT = {"Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m", "Content-Length": "l", "Content-Type": "c"}


class Trunk:
    def __init__(self, lab, host, ip, dialect, user="acct1001", password="correct-horse", port=5060, ip_auth=False, name=None,
                 from_user=None):
        self.lab, self.host, self.ip, self.d, self.user, self.password = lab, host, ip, DIALECTS[dialect], user, password
        self.port, self.ip_auth, self.name, self.from_user = port, ip_auth, name or host, from_user
        self.up = []          # when calls that are up end
        self.reg_call_id = None
        self.cseq = 101


class Lab:
    def __init__(self, name, seed=1, ours="203.0.113.77", ua="Asterisk PBX 16.30.1-vici", description=""):
        self.name, self.description, self.rnd = name, description, random.Random("%s-%s" % (name, seed))
        self.ours, self.ua, self.seen = ours, ua, ours
        self.t = 1795500000.0 + self.rnd.randrange(86400)
        self.packets, self.calls, self.regs, self.hostile, self.local_clients = [], [], [], [], []
        self.trunks, self.must_not, self.drop = [], [], 0.0
        self.six = ":" in ours

    def trunk(self, host="sip.carrier.example", ip="198.51.100.33", dialect="kamailio", **more):
        t = Trunk(self, host, ip, dialect, **more)
        self.trunks.append(t)
        return t

    # --- bytes ---

    def token(self, n=12):
        return "".join(self.rnd.choice("0123456789abcdef") for _ in range(n))

    def packet(self, at, src, dst, text):
        data = text.encode() if isinstance(text, str) else text
        (sip, sport), (dip, dport) = src, dst
        udp = struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data
        if ":" in sip:
            ip = struct.pack(">IHBB", 6 << 28, len(udp), 17, 64) + socket.inet_pton(socket.AF_INET6, sip) \
                + socket.inet_pton(socket.AF_INET6, dip) + udp
        else:
            ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + socket.inet_aton(sip) \
                + socket.inet_aton(dip) + udp
        self.packets.append((at, ip))

    def message(self, first, headers, body="", compact=False):
        if body:
            headers = headers + [("Content-Type", "application/sdp")]
        headers = headers + [("Content-Length", str(len(body)))]
        lines = [first] + ["%s: %s" % (COMPACT.get(k, k) if compact else k, v) for k, v in headers]
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def sdp(self, codecs="0 8 101"):
        return "v=0\r\no=root 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio 14000 RTP/AVP %s\r\na=sendrecv\r\n" % (
            self.ours, self.ours, codecs)

    def digest(self, trunk, realm, nonce, method, uri, qop, password):
        md5 = lambda s: hashlib.md5(s.encode()).hexdigest()
        a1, a2 = md5("%s:%s:%s" % (trunk.user, realm, password)), md5("%s:%s" % (method, uri))
        base = 'Digest username="%s", realm="%s", algorithm=MD5, uri="%s", nonce="%s"' % (trunk.user, realm, uri, nonce)
        if not qop:
            return '%s, response="%s"' % (base, md5("%s:%s:%s" % (a1, nonce, a2)))
        return '%s, response="%s", qop=auth, cnonce="1a2b3c4d", nc=00000001' % (
            base, md5("%s:%s:00000001:1a2b3c4d:auth:%s" % (a1, nonce, a2)))

    # --- the pieces of an exchange ---

    def addr(self, ip):
        return "[%s]" % ip if ":" in ip else ip

    def request(self, trunk, method, uri, x, extra=(), body=""):
        branch = "z9hG4bK" + self.token(8)
        x["via"] = "SIP/2.0/UDP %s:%d;branch=%s;rport" % (self.addr(x["src"][0]), x["src"][1], branch)
        headers = [("Via", x["via"]), ("Max-Forwards", "70"), ("From", x["from"]), ("To", x["to"]),
                   ("Contact", "<sip:%s@%s:%d>" % (x["user"], self.addr(x["src"][0]), x["src"][1])), ("Call-ID", x["call_id"]),
                   ("CSeq", "%d %s" % (x["cseq"], method)), ("User-Agent", self.ua)] + list(extra)
        text = self.message("%s %s SIP/2.0" % (method, uri), headers, body)
        self.packet(self.t, x["src"], x["dst"], text)
        return text

    def answer(self, trunk, x, method, code, phrase, extra=(), tag=True, contact=False, body=""):
        d = trunk.d
        via = x["via"].replace(";rport", ";rport=%d;received=%s" % (x["src"][1], self.seen)) if d.rport else x["via"]
        to = x["to"] if "tag=" in x["to"] or not tag or code == 100 else "%s;tag=%s%s" % (x["to"], d.tag, x["totag"])
        headers = [("Via", via), ("From", x["from"]), ("To", to), ("Call-ID", x["call_id"]), ("CSeq", "%d %s" % (x["cseq"], method))]
        if d.server:
            headers.append(("Server", d.server))
        if contact:
            headers.append(("Contact", "<sip:gw@%s:5060>" % self.addr(trunk.ip)))
        text = self.message("SIP/2.0 %d %s" % (code, phrase), headers + list(extra), body, d.compact)
        self.packet(self.t, x["dst"], x["src"], text)
        return to

    def challenge(self, trunk, x, method, realm=None, nonce=None, stale=False, alg="MD5", code=None, raw=None):
        d = trunk.d
        code = code or d.challenge
        realm = realm or d.realm or trunk.host
        nonce = nonce or self.token(32)
        value = raw or 'Digest realm="%s", nonce="%s"%s%s%s' % (realm, nonce, ", algorithm=%s" % alg if alg else "",
                                                             ', qop="auth"' if d.qop else "", ", stale=true" if stale else "")
        name = "Proxy-Authenticate" if code == 407 else "WWW-Authenticate"
        self.answer(trunk, x, method, code, "Proxy Authentication Required" if code == 407 else "Unauthorized", [(name, value)])
        return realm, nonce

    def credentials(self, trunk, x, method, uri, realm, nonce, password, code=None):
        name = "Proxy-Authorization" if (code or trunk.d.challenge) == 407 else "Authorization"
        return [(name, self.digest(trunk, realm, nonce, method, uri, trunk.d.qop, password))]

    def ack(self, trunk, uri, x, to):
        keep = x["to"]
        x["to"] = to
        self.request(trunk, "ACK", uri, x)
        x["to"] = keep

    def exchange(self, trunk, user, src, number, name=None, domain=None, port=5060):
        return {"src": (src or self.ours, port), "dst": (trunk.ip, trunk.port), "cseq": 102, "user": user, "totag": self.token(8),
                "call_id": "%s@%s" % (self.token(32), trunk.host), "from": '"%s" <sip:%s@%s>;tag=as%s' % (
                    name or "V%s" % self.token(10), user, domain or trunk.host, self.token(8)),
                "to": "<sip:%s@%s>" % (number, trunk.host)}

    def tick(self, low=0.01, high=0.06):
        self.t += self.rnd.uniform(low, high)

    # --- what a dialer does ---

    def call(self, trunk, number, final=200, phrase="OK", hdr=(), cause="ok", caller=None, pai=None, challenged=None, password=None,
             answer_challenge=True, rechallenge=0, stale=False, realm2=None, ring=(180,), trying=None, talk=4.0, src=None, dst=None,
             name=None, domain=None, alg="MD5", wait=1.0, codecs="0 8 101", after=None, raw=None, port=5060, tag=True, cancel=None):
        """One call. The caller stands in From, unless the trunk's from_user does (then in PAI, when given)."""
        user = trunk.from_user or caller or trunk.user
        x = self.exchange(trunk, user, src, number, name, domain, port)
        if dst:
            x["dst"] = (dst, trunk.port)
        uri = "sip:%s@%s" % (number, trunk.host if trunk.port == 5060 else "%s:%d" % (trunk.host, trunk.port))
        extra = [("P-Asserted-Identity", "<sip:%s@%s>" % (pai, trunk.host))] if pai else []
        challenged = (not trunk.ip_auth) if challenged is None else challenged
        trying = trunk.d.trying if trying is None else trying
        start, body = self.t, self.sdp(codecs)
        self.calls.append({"call_id": x["call_id"], "t": start, "direction": "outbound", "src": x["src"][0], "provider_ip": trunk.ip,
                           "from_user": user, "number": number, "final_code": final, "cause": cause})
        self.request(trunk, "INVITE", uri, x, extra, body)
        if final is None and not challenged:
            self.silence(trunk, "INVITE", uri, x, extra, body)
            return self.done(start, wait)
        self.tick()
        creds = []
        rounds = (1 if challenged else 0) + rechallenge
        for n in range(rounds):
            realm, nonce = self.challenge(trunk, x, "INVITE", realm2 if n else None, stale=stale and n > 0, alg=alg, raw=raw)
            self.tick(0.001, 0.004)
            self.ack(trunk, uri, x, "%s;tag=%s%s" % (x["to"], trunk.d.tag, x["totag"]))
            if not answer_challenge or (n == rounds - 1 and final is None and rechallenge):
                return self.done(start, wait)
            x["cseq"] += 1
            self.tick(0.001, 0.003)
            creds = self.credentials(trunk, x, "INVITE", uri, realm, nonce, password or trunk.password)
            self.request(trunk, "INVITE", uri, x, creds + extra, body)
            self.tick()
        if final is None:
            self.silence(trunk, "INVITE", uri, x, creds + extra, body)
            return self.done(start, wait)
        self.finish(trunk, uri, x, final, phrase, hdr, ring if final < 300 or after == "ring" else (), trying, talk, tag, cancel)
        return self.done(start, wait)

    def finish(self, trunk, uri, x, final, phrase, hdr, ring, trying, talk, tag, cancel=None):
        if trying:
            self.answer(trunk, x, "INVITE", 100, "trying -- your call is important to us")
            self.tick()
        for code in ring:
            self.answer(trunk, x, "INVITE", code, {180: "Ringing", 183: "Session Progress"}[code], contact=True)
            self.t += self.rnd.uniform(0.3, 1.0)
        if cancel is not None:
            self.t += cancel
            keep = x["via"]
            self.packet(self.t, x["src"], x["dst"], self.message("CANCEL %s SIP/2.0" % uri, [
                ("Via", keep), ("Max-Forwards", "70"), ("From", x["from"]), ("To", x["to"]), ("Call-ID", x["call_id"]),
                ("CSeq", "%d CANCEL" % x["cseq"])]))
            self.tick()
            self.answer(trunk, x, "CANCEL", 200, "OK")
            self.tick()
            final, phrase = 487, "Request Terminated"
        to = self.answer(trunk, x, "INVITE", final, phrase, hdr, tag=tag, contact=final < 300, body=self.sdp() if final < 300 else "")
        self.tick(0.001, 0.004)
        self.ack(trunk, uri, x, to)
        if final < 300:
            back, self.t = self.t, self.t + talk
            x["cseq"] += 1
            x["to"] = to
            self.request(trunk, "BYE", uri, x)
            self.tick()
            self.answer(trunk, x, "BYE", 200, "OK")
            self.t = back

    def silence(self, trunk, method, uri, x, extra, body, t1=0.1, last=6.4):
        """chan_sip with qualify: retransmissions from 100 ms on, given up at 64 times that."""
        first, gap, text = self.t, t1, None
        branch = x["via"]
        while self.t + gap - first < last:
            self.t += gap
            gap *= 2
            headers = [("Via", branch), ("Max-Forwards", "70"), ("From", x["from"]), ("To", x["to"]),
                       ("Contact", "<sip:%s@%s:5060>" % (x["user"], self.addr(x["src"][0]))), ("Call-ID", x["call_id"]),
                       ("CSeq", "%d %s" % (x["cseq"], method)), ("User-Agent", self.ua)] + list(extra)
            text = self.message("%s %s SIP/2.0" % (method, uri), headers, body)
            self.packet(self.t, x["src"], x["dst"], text)

    def done(self, start, wait):
        self.t = max(self.t, start) + wait if wait >= 0 else start - wait

    def register(self, trunk, final=200, phrase="OK", cause="ok", hdr=(), challenged=True, password=None, rechallenge=0, stale=False,
                 src=None, wait=0.5, port=5060, expires=3600):
        user = trunk.user
        x = self.exchange(trunk, user, src, user, port=port)
        x["from"] = "<sip:%s@%s>;tag=as%s" % (user, trunk.host, self.token(8))
        uri, start = "sip:%s" % trunk.host, self.t
        self.regs.append({"call_id": x["call_id"], "t": start, "provider_ip": trunk.ip, "src": x["src"][0], "user": user, "code": final,
                          "cause": cause})
        extra = [("Expires", str(expires))]
        self.request(trunk, "REGISTER", uri, x, extra)
        if final is None and not challenged:
            self.silence(trunk, "REGISTER", uri, x, extra, "")
            return self.done(start, wait)
        self.tick()
        rounds = (1 if challenged else 0) + rechallenge
        for n in range(rounds):
            realm, nonce = self.challenge(trunk, x, "REGISTER", stale=stale and n > 0, code=401)
            if final is None and n == rounds - 1:
                return self.done(start, wait)
            x["cseq"] += 1
            self.tick(0.001, 0.003)
            self.request(trunk, "REGISTER", uri, x, extra + self.credentials(
                trunk, x, "REGISTER", uri, realm, nonce, password or trunk.password, 401))
            self.tick()
        hdr = list(hdr) + ([("Expires", str(expires))] if final == 200 else [])
        self.answer(trunk, x, "REGISTER", final, phrase, hdr, contact=final == 200)
        return self.done(start, wait)

    def options(self, trunk, final=200, phrase="OK", wait=0.2):
        x = self.exchange(trunk, "asterisk", None, "ping")
        x["to"] = "<sip:%s>" % trunk.host
        uri, start = "sip:%s" % trunk.host, self.t
        self.request(trunk, "OPTIONS", uri, x)
        if final is None:
            self.silence(trunk, "OPTIONS", uri, x, [], "", t1=0.5, last=4)
        else:
            self.tick(0.02, 0.03)
            self.answer(trunk, x, "OPTIONS", final, phrase)
        return self.done(start, wait)

    def inbound(self, trunk, did, caller="12125550111", final=200, phrase="OK", src=None, cause="ok", wait=1.0, ua=None, vias=1):
        """The provider calls us; our box answers."""
        src = (src or trunk.ip, 5060)
        call_id, start = self.token(24), self.t
        via = ["SIP/2.0/UDP %s:5060;branch=z9hG4bK%s" % (self.addr(src[0]), self.token(9))] + [
            "SIP/2.0/UDP 10.9.8.%d:5060;branch=z9hG4bK%s" % (n, self.token(9)) for n in range(1, vias)]
        frm, to = "<sip:%s@%s>;tag=%s" % (caller, trunk.host, self.token(8)), "<sip:%s@%s>" % (did, self.addr(self.ours))
        base = [("Via", v) for v in via] + [("From", frm), ("To", to), ("Call-ID", call_id)]
        self.calls.append({"call_id": call_id, "t": start, "direction": "inbound", "src": src[0], "number": did, "final_code": final,
                           "cause": cause})
        rr = [("Record-Route", "<sip:%s;lr>" % self.addr(src[0]))] if vias > 1 else []
        agent = ua or trunk.d.server
        self.packet(self.t, src, (self.ours, 5060), self.message("INVITE sip:%s@%s SIP/2.0" % (did, self.addr(self.ours)), base[:len(via)] + rr + [
            ("Max-Forwards", "67")] + base[len(via):] + [("CSeq", "1 INVITE"), ("Contact", "<sip:gw@%s>" % self.addr(src[0]))] + (
                [("User-Agent", agent)] if agent else []), self.sdp()))
        self.tick(0.001, 0.01)
        mine = base[:len(via) + 1] + [("To", to + ";tag=as" + self.token(6))] + base[len(via) + 2:]
        if final < 300:
            self.packet(self.t, (self.ours, 5060), src, self.message("SIP/2.0 100 Trying", base + [("CSeq", "1 INVITE"), ("Server", self.ua)]))
            self.t += 0.1
        self.packet(self.t, (self.ours, 5060), src, self.message("SIP/2.0 %d %s" % (final, phrase), mine + [
            ("CSeq", "1 INVITE"), ("Server", self.ua)], self.sdp() if final < 300 else ""))
        self.tick()
        self.packet(self.t, src, (self.ours, 5060), self.message("ACK sip:%s@%s SIP/2.0" % (did, self.addr(self.ours)), mine + [("CSeq", "1 ACK")]))
        return self.done(start, wait)

    def scan(self, n=40, ip="192.0.2.200", ua="friendly-scanner", method="REGISTER", code=401):
        for i in range(n):
            call_id = self.token(20)
            self.hostile.append({"call_id": call_id})
            base = [("Via", "SIP/2.0/UDP %s:5077;branch=z9hG4bK-%d" % (ip, self.rnd.randrange(10**9))),
                    ("From", "<sip:%d@%s>;tag=%s" % (100 + i, self.ours, self.token(8))), ("To", "<sip:%d@%s>" % (100 + i, self.ours)),
                    ("Call-ID", call_id), ("CSeq", "1 %s" % method)]
            self.packet(self.t, (ip, 5077), (self.ours, 5060), self.message("%s sip:%s SIP/2.0" % (method, self.ours), base + [
                ("User-Agent", ua), ("Max-Forwards", "70")]))
            self.t += 0.005
            base[2] = ("To", base[2][1] + ";tag=as" + self.token(6))
            extra = [("WWW-Authenticate", 'Digest algorithm=MD5, realm="asterisk", nonce="%s"' % self.token(8))] if code == 401 else []
            self.packet(self.t, (self.ours, 5060), (ip, 5077), self.message("SIP/2.0 %d %s" % (code, {
                401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}[code]), base + extra + [("Server", self.ua)]))
            self.t += self.rnd.uniform(0.01, 0.2)

    # --- files ---

    def write(self, folder, cause, acceptable=(), must_not=(), trunk_causes=None):
        packets = sorted(self.packets, key=lambda p: p[0])
        if self.drop:
            packets = [p for p in packets if self.rnd.random() >= self.drop]
        with open("%s/%s.pcap" % (folder, self.name), "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101))
            for at, ip in packets:
                f.write(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(ip), len(ip)) + ip)
        truth = {"scenario": self.name, "description": self.description, "cause": cause, "dialer_ips": [self.ours],
                 "trunks": [{"name": t.name, "host": t.host, "provider_ip": t.ip, "cause": (trunk_causes or {}).get(t.name, cause),
                             "acceptable": [(trunk_causes or {}).get(t.name, cause)]} for t in self.trunks],
                 "calls": self.calls, "registrations": self.regs, "hostile_dialogues": self.hostile,
                 "local_client_dialogues": self.local_clients, "acceptable": [cause] + list(acceptable), "must_not": list(must_not)}
        with open("%s/%s.truth.json" % (folder, self.name), "w") as f:
            json.dump(truth, f, indent=1)
