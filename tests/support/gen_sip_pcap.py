#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Deterministic generator of dialer-like SIP traffic, written straight to a pcap file.

One Asterisk-like box places outbound calls through K provider trunks, registers to them
and exchanges OPTIONS with them.  The same arguments always give the same bytes.  The
ground truth (what a perfect analyser should count) is printed as JSON on stdout.

  gen_sip_pcap.py --calls 2000 --out small.pcap > small.json
"""
import argparse, heapq, itertools, json, random, socket, struct, sys
from hashlib import md5

LINKTYPE = {"en10mb": 1, "raw": 101, "sll": 113, "sll2": 276}
FAILS = (("403", 10), ("404", 20), ("480", 15), ("486", 25), ("cancel", 15), ("503", 10), ("timeout", 5))
REASON = {"403": ("Forbidden", 21), "404": ("Not Found", 1), "480": ("Temporarily Unavailable", 18),
          "486": ("Busy Here", 17), "503": ("Service Unavailable", 34)}
MTU, TCP_HOLD = 1500, 0.003                     # TCP_HOLD: messages this close share a segment
OUT, IN = 0, 1                                    # OUT: our box -> trunk


def h5(s):
    return md5(s.encode()).hexdigest()


def words(b):
    """Ones' complement sum of the 16-bit words of b (2**16 == 1 mod 65535, so it is one modulo)."""
    return int.from_bytes(b if len(b) % 2 == 0 else b + b"\0", "big") % 65535


class Writer:
    """Wraps payloads into UDP/TCP, IP (with fragmentation) and link headers."""

    def __init__(self, a):
        self.a = a
        self.f = open(a.out, "wb", 1 << 22)
        self.f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, LINKTYPE[a.linktype]))
        self.packets = self.bytes = self.fragmented = self.rtp = self.ident = self.segments = 0
        self.hdr = {}

    def link(self, src, dst, out):
        et = 0x86DD if self.a.ipv6 else 0x0800
        us, them = b"\x02\x42\x0a\x0a\x00\x05", b"\x02\x42\x0a\x0a\x00\x01"
        smac, dmac = (us, them) if out else (them, us)
        lt = self.a.linktype
        if lt == "raw":
            return b""
        if lt == "sll":
            return struct.pack(">HHH", 4 if out else 0, 1, 6) + smac + b"\0\0" + struct.pack(">H", et)
        if lt == "sll2":
            return struct.pack(">HHIHBB", et, 0, 2, 1, 4 if out else 0, 6) + smac + b"\0\0"
        tag = struct.pack(">HH", 0x8100, self.a.vlan) if self.a.vlan else b""
        return dmac + smac + tag + struct.pack(">H", et)

    def record(self, ts, data):
        sec = int(ts)
        n = len(data)
        self.f.write(struct.pack("<IIII", sec, int((ts - sec) * 1e6), n, n) + data)
        self.packets += 1
        self.bytes += n

    def ip(self, ts, src, dst, proto, seg, split=0):
        """Send one transport segment, in one IP packet or as fragments cut after `split` bytes."""
        key = (src, dst)
        if key not in self.hdr:
            self.hdr[key] = (self.link(src, dst, src == self.a.us), words(src + dst))
        link, base = self.hdr[key]
        self.ident = ident = (self.ident + 1) & 0xFFFF
        hl = 40 if self.a.ipv6 else 20
        if len(seg) + hl > MTU and not split:
            split = (MTU - hl - 8) & ~7
        parts = [(0, seg, 0)]
        if split:
            self.fragmented += 1
            parts = [(o, seg[o:o + split], o + split < len(seg)) for o in range(0, len(seg), split)]
        for off, data, more in parts:
            if self.a.ipv6:
                h = struct.pack(">IHBB", 0x60000000, len(data) + (8 if split else 0), 44 if split else proto, 64) + src + dst
                if split:
                    h += struct.pack(">BBHI", proto, 0, off | more, ident)
            else:
                fl = (off >> 3 | 0x2000 * more) if split else 0x4000 * (proto == 6)
                tl = 20 + len(data)
                s = base + 0x4500 + tl + ident + fl + (64 << 8 | proto)
                h = struct.pack(">HHHHBBH", 0x4500, tl, ident, fl, 64, proto, (65535 - s % 65535) % 65535) + src + dst
            self.record(ts, link + h + data)

    def udp(self, ts, src, dst, sport, dport, data, split=0):
        n = len(data) + 8
        s = words(src + dst) + 17 + 2 * n + sport + dport + words(data)
        self.ip(ts, src, dst, 17, struct.pack(">HHHH", sport, dport, n, 65535 - s % 65535) + data, split)

    def tcp(self, ts, src, dst, sport, dport, seq, ack, flags, data=b""):
        h = struct.pack(">HHIIHHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x5000 | flags, 64240, 0, 0)
        s = words(src + dst) + 6 + 20 + len(data) + words(h) + words(data)
        self.ip(ts, src, dst, 6, h[:16] + struct.pack(">HH", (65535 - s % 65535) % 65535, 0) + data)


class Trunk:
    def __init__(self, i, a, rng):
        self.i = i
        self.style = i % 4                         # 0 SBC, 1 softswitch, 2 kamailio, 3 compact headers
        self.user, self.password = "dialer%02d" % i, "s3cret-%02d" % i
        self.realm = "sip%d.provider.example" % i
        h, fam = 10 + i % 200, socket.AF_INET6 if a.ipv6 else socket.AF_INET
        host, self.media = ("2001:db8:0:99::%x" % h, "2001:db8:0:aa::%x" % h) if a.ipv6 else ("203.0.113.%d" % h, "198.51.100.%d" % h)
        self.ip, self.media_ip = socket.inet_pton(fam, host), socket.inet_pton(fam, self.media)
        self.host = "[%s]" % host if a.ipv6 else host
        self.qop = i % 3 != 2
        self.server = ("SBC-5200/7.2.4", "Cisco-SIPGateway/IOS-15.4(3)M", "kamailio (5.6.3 (x86_64/linux))", "VCS/8.11")[i % 4]
        self.names = ("v", "f", "t", "i", "m", "l", "c") if self.style == 3 else \
                     ("Via", "From", "To", "Call-ID", "Contact", "Content-Length", "Content-Type")
        rr = ["<sip:%s;lr;ftag=%s>", "<sip:10.77.%d.2;lr;did=5e1.%%s>" % i, "<sip:edge%d.provider.example;r2=on;lr;x=%%s>" % i]
        self.rr = (rr[:1], [], rr[:2], rr[2:])[self.style]
        self.seq = [rng.randrange(1 << 32), rng.randrange(1 << 32)]     # TCP stream state per direction
        self.pend, self.unacked = [bytearray(), bytearray()], [0, 0]


class Dialer:
    def __init__(self, a):
        self.a, self.rng = a, random.Random(a.seed)
        a.us = bytes.fromhex("20010db8000000010000000000000005") if a.ipv6 else bytes([10, 10, 0, 5])
        self.lip, self.fam = ("2001:db8:0:1::5", "IP6") if a.ipv6 else ("10.10.0.5", "IP4")
        self.host = "[%s]" % self.lip if a.ipv6 else self.lip
        self.tp = a.transport.upper()
        self.w = Writer(a)
        self.trunks = [Trunk(i, a, self.rng) for i in range(a.trunks)]
        self.heap, self.n = [], itertools.count()
        self.requests, self.responses, self.outcomes = {}, {}, {}
        self.messages = self.sip_bytes = self.retrans = 0
        self.rtp_credit, self.media = 0.0, []
        self.corpus = open(a.corpus, "wb") if a.corpus else None

    # ---- output -------------------------------------------------------------------------
    def send(self, ts, tr, d, msg):
        heapq.heappush(self.heap, (ts, next(self.n), tr, d, msg.encode()))

    def again(self, ts, tr, d, msg):
        if self.a.transport == "udp":
            self.retrans += 1
            self.send(ts, tr, d, msg)

    def drain(self, until):
        h = self.heap
        while h and h[0][0] <= until:
            ts, _, tr, d, msg = heapq.heappop(h)
            if msg is None:
                self.tcp_flush(ts, tr, d)
                continue
            where, k = (self.responses, msg[8:11]) if msg[:8] == b"SIP/2.0 " else (self.requests, msg[:msg.index(32)])
            where[k.decode()] = where.get(k.decode(), 0) + 1
            if self.corpus and self.messages % self.a.corpus_step == 0:
                self.corpus.write(struct.pack("<I", len(msg)) + msg)
            self.messages += 1
            self.sip_bytes += len(msg)
            if self.a.transport == "udp":
                split = 0
                if self.a.fragment_ratio and self.rng.random() < self.a.fragment_ratio:
                    split = max(8, len(msg) // 2 & ~7)
                s, t = (self.a.us, tr.ip) if d == OUT else (tr.ip, self.a.us)
                self.w.udp(ts, s, t, 5060, 5060, msg, split)
            else:
                if not tr.pend[d]:
                    heapq.heappush(h, (ts + TCP_HOLD, next(self.n), tr, d, None))
                tr.pend[d] += msg
            if self.a.rtp_ratio:
                self.rtp_noise(ts)

    def rtp_noise(self, ts):
        self.rtp_credit += self.a.rtp_ratio
        while self.rtp_credit >= 1 and self.media:
            self.rtp_credit -= 1
            m = self.media[self.w.rtp % len(self.media)]
            m[2] += 1
            self.w.rtp += 1
            pkt = struct.pack(">BBHII", 0x80, 8, m[2] & 0xFFFF, m[2] * 160 & 0xFFFFFFFF, m[3]) + b"\xd5" * 160
            ends = (self.a.us, m[4].media_ip, m[0], m[1]) if self.w.rtp & 1 else (m[4].media_ip, self.a.us, m[1], m[0])
            self.w.udp(ts, *ends, pkt)

    def tcp_flush(self, ts, tr, d):
        """Write the pending stream bytes as segments: whole, coalesced, or cut at odd places."""
        data, tr.pend[d] = bytes(tr.pend[d]), bytearray()
        s, t = (self.a.us, tr.ip) if d == OUT else (tr.ip, self.a.us)
        sp, dp = (40000 + tr.i, 5060) if d == OUT else (5060, 40000 + tr.i)
        pos = 0
        while pos < len(data):
            n = min(MTU - (72 if self.a.ipv6 else 52), len(data) - pos)
            if self.rng.random() < self.a.tcp_split:
                n = self.rng.randint(1, n)
            self.w.tcp(ts, s, t, sp, dp, tr.seq[d], tr.seq[1 - d], 0x18 if pos + n == len(data) else 0x10, data[pos:pos + n])
            tr.seq[d] += n
            pos += n
            self.w.segments += 1
            tr.unacked[d] += 1
            if tr.unacked[d] == 2:
                tr.unacked[d] = 0
                self.w.tcp(ts, t, s, dp, sp, tr.seq[1 - d], tr.seq[d], 0x10)
            ts += 2e-6

    # ---- message parts ------------------------------------------------------------------
    def hexs(self, n):
        return "%0*x" % (n, self.rng.getrandbits(4 * n))

    def sdp(self, tr, d, port):
        sid = self.rng.getrandbits(31)
        if d == OUT:
            return (f"v=0\r\no=root {sid} {sid} IN {self.fam} {self.lip}\r\ns=Asterisk PBX 16.28.0~dfsg-0+deb11u4\r\n"
                    f"c=IN {self.fam} {self.lip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 0 3 101\r\na=rtpmap:8 PCMA/8000\r\n"
                    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:3 GSM/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
                    "a=maxptime:150\r\na=sendrecv\r\n")
        return (f"v=0\r\no=SBC {sid} {sid + 1} IN {self.fam} {tr.media}\r\ns=SIP Media Capabilities\r\nc=IN {self.fam} {tr.media}\r\n"
                f"t=0 0\r\nm=audio {port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
                f"a=fmtp:101 0-15\r\na=ptime:20\r\na=rtcp:{port + 1}\r\na=sendrecv\r\n")

    def digest(self, tr, method, uri, nonce, name):
        ha1, ha2 = h5(f"{tr.user}:{tr.realm}:{tr.password}"), h5(f"{method}:{uri}")
        head = f'{name}: Digest username="{tr.user}", realm="{tr.realm}", algorithm=MD5, uri="{uri}", nonce="{nonce}", '
        if not tr.qop:
            return head + f'response="{h5(f"{ha1}:{nonce}:{ha2}")}"\r\n'
        cn, nc = self.hexs(8), "00000001"
        return head + f'response="{h5(f"{ha1}:{nonce}:{nc}:{cn}:auth:{ha2}")}", qop=auth, cnonce="{cn}", nc={nc}\r\n'

    def challenge(self, tr, name, nonce):
        q = ', qop="auth"' if tr.qop else ""
        return f'{name}: Digest realm="{tr.realm}", nonce="{nonce}", opaque="{nonce[:8]}", algorithm=MD5{q}\r\n'

    def request(self, method, uri, branch, frm, to, cid, cseq, extra="", sdp="", contact="dialer"):
        """A request the way Asterisk chan_sip writes it."""
        c = f"Contact: <sip:{contact}@{self.host}:5060{';transport=tcp' if self.tp == 'TCP' else ''}>\r\n" if contact else ""
        ct = "Content-Type: application/sdp\r\n" if sdp else ""
        return (f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{self.tp} {self.host}:5060;branch=z9hG4bK{branch};rport\r\n"
                f"Max-Forwards: 70\r\n{extra if extra[:6] == 'Route:' else ''}From: {frm}\r\nTo: {to}\r\n{c}Call-ID: {cid}\r\n"
                f"CSeq: {cseq} {method}\r\nUser-Agent: Asterisk PBX 16.28.0~dfsg-0+deb11u4\r\n"
                f"{extra if extra[:6] != 'Route:' else ''}{ct}Content-Length: {len(sdp)}\r\n\r\n{sdp}")

    def reply(self, tr, code, reason, branch, frm, to, cid, cseq, extra="", sdp=""):
        """A response the way the provider side writes it (its own header order and style)."""
        v, f, t, i, _, cl, ct = tr.names
        body = f"{ct}: application/sdp\r\n" if sdp else ""
        x = (f"X-Trunk-Id: {tr.i:04d}\r\nX-Session: {cid[:16]}\r\n", "", "", "")[tr.style] if code != "100" else ""
        return (f"SIP/2.0 {code} {reason}\r\n{v}: SIP/2.0/{self.tp} {self.host}:5060;received=192.0.2.44;rport=5060;branch=z9hG4bK{branch}\r\n"
                f"{f}: {frm}\r\n{t}: {to}\r\n{i}: {cid}\r\nCSeq: {cseq}\r\n{extra}Server: {tr.server}\r\n{x}{body}{cl}: {len(sdp)}\r\n\r\n{sdp}")

    def ours(self, code, reason, vias, frm, to, cid, cseq, extra=""):
        """A response of our box to a provider request."""
        return (f"SIP/2.0 {code} {reason}\r\n{vias}From: {frm}\r\nTo: {to}\r\nCall-ID: {cid}\r\nCSeq: {cseq}\r\n"
                f"Server: Asterisk PBX 16.28.0~dfsg-0+deb11u4\r\nAllow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, PUBLISH, MESSAGE\r\n"
                f"Supported: replaces, timer\r\n{extra}Content-Length: 0\r\n\r\n")

    # ---- scenarios ----------------------------------------------------------------------
    def call(self, t):
        rng, R, hx = self.rng, self.rng.random, self.hexs
        tr = self.trunks[rng.randrange(len(self.trunks))]
        outcome = "answered"
        if R() < self.a.fail_ratio:
            outcome = rng.choices([f[0] for f in FAILS], [f[1] for f in FAILS])[0]
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        num, cli = "4%010d" % rng.randrange(10 ** 10), "4420%08d" % rng.randrange(10 ** 8)
        uri, cid = f"sip:{num}@{tr.host}", f"{hx(32)}@{self.host}:5060"
        frm, to = f'"{cli}" <sip:{tr.user}@{self.host}>;tag=as{hx(8)}', f"<{uri}>"
        lport, rport = 10000 + 2 * rng.randrange(5000), 20000 + 2 * rng.randrange(10000)
        sdp, br, seq = self.sdp(tr, OUT, lport), hx(8), 102
        xtra = (f"Date: Mon, 02 Feb 2026 10:{int(t) // 60 % 60:02d}:{int(t) % 60:02d} GMT\r\nAllow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, "
                f"NOTIFY, INFO, PUBLISH, MESSAGE\r\nSupported: replaces, timer\r\nX-Campaign: c{rng.randrange(40):03d}\r\nX-Lead-Id: {rng.randrange(10 ** 7)}\r\n")
        inv = self.request("INVITE", uri, br, frm, to, cid, seq, xtra, sdp)
        self.send(t, tr, OUT, inv)
        if outcome == "timeout":
            for k in (0.5, 1.5, 3.5, 7.5, 15.5, 31.5):
                self.again(t + k, tr, OUT, inv)
            return
        if R() < 0.01:
            self.again(t + 0.5, tr, OUT, inv)
        rtt = 0.01 + 0.04 * R()
        totag = f"{to};tag={hx(12) if tr.style else 'SD' + hx(8) + '-' + hx(6)}"
        rep = lambda dt, code, reason, extra="", body="", m="INVITE": \
            self.send(t + dt, tr, IN, self.reply(tr, code, reason, br, frm, to if code == "100" else totag, cid, f"{seq} {m}", extra, body))
        ack = lambda dt: self.send(t + dt, tr, OUT, self.request("ACK", uri, br, frm, totag, cid, seq))
        t += rtt
        rep(0, "100", "Trying")
        if tr.i % 8 != 7:                          # every eighth trunk authenticates by address
            nonce = hx(32)
            rep(0.004, "407", "Proxy Authentication Required", self.challenge(tr, "Proxy-Authenticate", nonce))
            ack(0.005)
            br, seq = hx(8), 103
            inv = self.request("INVITE", uri, br, frm, to, cid, seq, self.digest(tr, "INVITE", uri, nonce, "Proxy-Authorization") + xtra, sdp)
            self.send(t + 0.006, tr, OUT, inv)
            t += 0.006 + rtt
            totag = f"{to};tag={hx(12)}"
            rep(0, "100", "Trying")
        rr = "".join("Record-Route: %s\r\n" % (r % ((tr.host, hx(6)) if r.count("%s") == 2 else hx(6))) for r in tr.rr)
        contact = f"{tr.names[4]}: <sip:{num}@{tr.host}:5060>\r\n"
        if outcome in REASON:
            reason, q = REASON[outcome]
            t += 0.1 + R()
            if outcome in ("480", "486"):
                rep(-0.05, "183", "Session Progress", rr + contact, self.sdp(tr, IN, rport))
            rep(0, outcome, reason, f'Reason: Q.850;cause={q};text="{reason.upper()}"\r\n' + ("Retry-After: 5\r\n" if outcome == "503" else ""))
            ack(0.002)
            return
        t += 0.2 + R()
        ring = ("183", "Session Progress", rr + contact + "P-Early-Media: sendonly\r\n", self.sdp(tr, IN, rport))
        rep(0, *(ring if R() < 0.8 else ("180", "Ringing", rr + contact)))
        t += 1 + 10 * R()
        if outcome == "cancel":
            self.send(t, tr, OUT, self.request("CANCEL", uri, br, frm, to, cid, seq, contact=""))
            rep(rtt, "200", "OK", m="CANCEL")
            rep(rtt + 0.004, "487", "Request Terminated")
            ack(rtt + 0.006)
            return
        allow = "Allow: INVITE,ACK,BYE,CANCEL,OPTIONS,INFO,UPDATE,PRACK,REFER\r\nSupported: timer,100rel\r\n"
        ok = self.reply(tr, "200", "OK", br, frm, totag, cid, f"{seq} INVITE", rr + contact + allow, self.sdp(tr, IN, rport))
        self.send(t, tr, IN, ok)
        route = "Route: " + ",".join(r[14:-2] for r in reversed(rr.splitlines(True))) + "\r\n" if rr else ""
        acked = self.request("ACK", f"sip:{num}@{tr.host}:5060", hx(8), frm, totag, cid, seq, route)
        self.send(t + 0.002, tr, OUT, acked)
        if R() < 0.02:
            self.again(t + 0.5, tr, IN, ok)
            self.again(t + 0.502, tr, OUT, acked)
        self.media = self.media[-63:] + [[lport, rport, rng.getrandbits(16), rng.getrandbits(32), tr]]
        t += rng.expovariate(1 / self.a.talk)
        if R() < 0.35:                             # we hang up
            br, seq = hx(8), seq + 1
            self.send(t, tr, OUT, self.request("BYE", f"sip:{num}@{tr.host}:5060", br, frm, totag, cid, seq, route, contact=""))
            rep(rtt, "200", "OK", m="BYE")
        else:                                      # provider hangs up, through its proxies
            v, f, to_, i, _, cl, _ = tr.names
            vias = "".join(f"{v}: SIP/2.0/{self.tp} {h};branch=z9hG4bK{hx(12)}\r\n" for h in (f"{tr.host}:5060", "10.77.0.2:5060;rport=5060", "10.77.1.9:5070")[:1 + tr.style % 3])
            self.send(t, tr, IN, f"BYE sip:dialer@{self.host}:5060 SIP/2.0\r\n{vias}{f}: {totag}\r\n{to_}: {frm}\r\n{i}: {cid}\r\nCSeq: 1 BYE\r\nMax-Forwards: 67\r\n"
                                 f"Reason: Q.850;cause=16;text=\"NORMAL_CLEARING\"\r\n{cl}: 0\r\n\r\n")
            self.send(t + 0.001, tr, OUT, self.ours("200", "OK", vias.replace(f"{v}: ", "Via: "), totag, frm, cid, "1 BYE"))

    def upkeep(self, t, tr):
        """REGISTER with 401, and OPTIONS both ways."""
        hx, rtt = self.hexs, 0.01 + 0.03 * self.rng.random()
        uri, aor = f"sip:{tr.realm}", f"<sip:{tr.user}@{tr.realm}>"
        cid, frm, nonce, br = f"{hx(32)}@{self.lip}", f"{aor};tag=as{hx(8)}", hx(32), hx(8)
        self.send(t, tr, OUT, self.request("REGISTER", uri, br, frm, aor, cid, 104, "Supported: replaces, timer\r\nExpires: 120\r\n"))
        self.send(t + rtt, tr, IN, self.reply(tr, "401", "Unauthorized", br, frm, f"{aor};tag={hx(10)}", cid, "104 REGISTER", self.challenge(tr, "WWW-Authenticate", nonce)))
        br = hx(8)
        self.send(t + rtt + 0.001, tr, OUT, self.request("REGISTER", uri, br, frm, aor, cid, 105, self.digest(tr, "REGISTER", uri, nonce, "Authorization") + "Expires: 120\r\n"))
        self.send(t + 2 * rtt, tr, IN, self.reply(tr, "200", "OK", br, frm, f"{aor};tag={hx(10)}", cid, "105 REGISTER",
                                                  f"{tr.names[4]}: <sip:dialer@{self.host}:5060>;expires=120\r\nExpires: 120\r\n"))
        frm, to, cid, br = f'"Unknown" <sip:Unknown@{self.host}>;tag=as{hx(8)}', f"<sip:{tr.host}>", f"{hx(32)}@{self.host}:5060", hx(8)
        self.send(t + 0.2, tr, OUT, self.request("OPTIONS", f"sip:{tr.host}", br, frm, to, cid, 102, "Supported: replaces, timer\r\n"))
        self.send(t + 0.2 + rtt, tr, IN, self.reply(tr, "200", "OK", br, frm, f"{to};tag={hx(10)}", cid, "102 OPTIONS", "Accept: application/sdp\r\n"))
        v, cid, to = f"Via: SIP/2.0/{self.tp} {tr.host}:5060;branch=z9hG4bK{hx(8)}.0\r\n", f"{hx(16)}-{hx(6)}@{tr.host}", f"<sip:{self.host}:5060>"
        frm = f"<sip:ping@{tr.host}>;tag={hx(12)}"
        self.send(t + 0.4, tr, IN, f"OPTIONS sip:{self.host}:5060 SIP/2.0\r\n{v}From: {frm}\r\nTo: {to}\r\nCall-ID: {cid}\r\nCSeq: 10 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n")
        self.send(t + 0.401, tr, OUT, self.ours("200", "OK", v, frm, f"{to};tag=as{hx(8)}", cid, "10 OPTIONS", "Accept: application/sdp\r\n"))

    def run(self):
        a, t0 = self.a, 1770026400.0
        if a.transport == "tcp":
            for tr in self.trunks:
                sp, (so, si) = 40000 + tr.i, tr.seq
                for k, (s, d, p, q, x, y, fl) in enumerate(((a.us, tr.ip, sp, 5060, so, 0, 2), (tr.ip, a.us, 5060, sp, si, so + 1, 0x12),
                                                            (a.us, tr.ip, sp, 5060, so + 1, si + 1, 0x10))):
                    self.w.tcp(t0 - 1 + 0.02 * k, s, d, p, q, x, y, fl)
                tr.seq = [so + 1, si + 1]
        step, nxt, turn = a.upkeep / len(self.trunks), t0, 0
        for i in range(a.calls):
            t = t0 + i / a.cps
            while nxt <= t:
                self.upkeep(nxt, self.trunks[turn % len(self.trunks)])
                nxt, turn = nxt + step, turn + 1
            self.drain(t - 0.001)
            self.call(t)
        self.drain(float("inf"))
        w = self.w
        w.f.close()
        return {"args": {k: v for k, v in vars(a).items() if k not in ("us", "out", "corpus")}, "messages": self.messages, "sip_bytes": self.sip_bytes,
                "requests": dict(sorted(self.requests.items())), "responses": dict(sorted(self.responses.items())), "retransmissions": self.retrans,
                "calls": a.calls, "outcomes": dict(sorted(self.outcomes.items())), "upkeep_rounds": turn, "call_ids": a.calls + 3 * turn,
                "packets": w.packets, "frame_bytes": w.bytes, "fragmented_datagrams": w.fragmented, "tcp_data_segments": w.segments, "rtp_packets": w.rtp,
                "trunks": [{k: getattr(x, k) for k in ("host", "user", "realm", "password", "qop")} for x in self.trunks]}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", required=True)
    p.add_argument("--calls", type=int, default=2000)
    p.add_argument("--cps", type=float, default=200, help="calls started per second")
    p.add_argument("--trunks", type=int, default=8)
    p.add_argument("--fail-ratio", type=float, default=0.5)
    p.add_argument("--talk", type=float, default=30, help="mean seconds of an answered call")
    p.add_argument("--upkeep", type=float, default=30, help="seconds between REGISTER/OPTIONS rounds of one trunk")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--linktype", choices=LINKTYPE, default="en10mb")
    p.add_argument("--transport", choices=("udp", "tcp"), default="udp")
    p.add_argument("--tcp-split", type=float, default=0.2, help="chance that a TCP segment is cut at an odd place")
    p.add_argument("--ipv6", action="store_true")
    p.add_argument("--vlan", type=int, default=0, help="802.1Q tag (en10mb only)")
    p.add_argument("--fragment-ratio", type=float, default=0, help="share of UDP datagrams cut into IP fragments")
    p.add_argument("--rtp-ratio", type=float, default=0, help="RTP packets per SIP message")
    p.add_argument("--corpus", help="also write every --corpus-step'th message here (u32le length + bytes)")
    p.add_argument("--corpus-step", type=int, default=10)
    json.dump(Dialer(p.parse_args()).run(), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
