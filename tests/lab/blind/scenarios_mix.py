# SPDX-License-Identifier: BSD-2-Clause
"""Part 2: our request, the provider's or the network's failure, several trunks and causes, edges of the capture."""
import wire
from scenarios import CREDS, DENY, DENY_HELD, many, pick, scenario, SCENARIOS
from sim import ALL, CANCEL, OK, RECH, REF, SILENT, UNANS, PHRASE


# ---- D: our request ------------------------------------------------------------------------------------------------------------------
def _always(cause, codes, held=(None,), phrases=(None,), acc=(), hdrs=(), auth=None, n=4, mn=None):
    def f(L):
        tr = L.trunk(cause=cause, **({"auth": auth} if auth else {}))
        code = L.rng.choice(codes)
        many(L, tr, REF(code, pick(L, list(phrases), list(held)), "post", hdrs), cause, n)
        L.label(cause, [cause] + list(acc), mn, "the code says it")
    return f


SCENARIOS["codec_488"] = (_always("codec_rejected", [488], ["No compatible codec", None], [None, "Codec mismatch", "Incompatible SDP"]), {})
SCENARIOS["codec_606"] = (_always("codec_rejected", [606]), {})
SCENARIOS["codec_415"] = (_always("codec_rejected", [415]), {})
SCENARIOS["codec_488_warning"] = (_always("codec_rejected", [488], hdrs=[("Warning", '304 sbc "Media type not available"')]), {})
SCENARIOS["stir_codes"] = (_always("stir_shaken", [428, 436, 437, 438]), {})
SCENARIOS["stir_403_stale"] = (_always("stir_shaken", [403], ["Stale Date"], ["Stale Date"]), {})
SCENARIOS["malformed_400"] = (_always("malformed_request", [400], ["Malformed Via", "Missing header"], [None, "Bad CSeq header", "Invalid Contact"]), {})
SCENARIOS["loop_482"] = (_always("loop_detected", [482, 483]), {})
SCENARIOS["number_484_all"] = (_always("number_format", [484], acc=["destination_not_allowed"]), {})


def _format(code, phrase, held, good, bad, acc=()):
    def f(L):
        tr = L.trunk(cause="number_format", auth=L.rng.choice(["none", "407"]))
        t, ph = 2, pick(L, phrase, held)
        for i in range(16):
            wrong = L.rng.random() < .5 if i > 1 else i == 1
            p, n = bad if wrong else good
            L.call(t, tr, REF(code, ph) if wrong else OK(6), "number_format" if wrong else "ok", num=L.number(p, n))
            t += L.rng.uniform(3, 8)
        L.label("number_format", ["number_format"] + list(acc), ["wrong_password", "account_suspended"], "only one way to write the number works")
    return f


SCENARIOS["number_484_short"] = (_format(484, [None], [None], ("1", 11), ("", 10)), {})
SCENARIOS["number_404_plus"] = (_format(404, ["Invalid number format"], ["Number not in E.164", "Cannot translate number"], ("+1", 12), ("1", 11), ["destination_not_allowed"]), {})
SCENARIOS["number_604_plus"] = (_format(604, [None], [None], ("1", 11), ("+1", 12), ["destination_not_allowed"]), {})
SCENARIOS["number_400_e164"] = (_format(400, ["Number must be in E.164 format"], ["Called number not E.164"], ("+1", 12), ("", 10), ["malformed_request"]), {})


def _analytics(code, phrase, hdrs=()):
    def f(L):
        tr = L.trunk(cause="analytics_blocked", auth=L.rng.choice(["none", "407"]))
        t, bad = 2, tr.clis[0]
        tr.clis = [L.number(), L.number()]
        for i in range(16):
            b = i % 3 == 1
            L.call(t, tr, REF(code, phrase, "post", hdrs) if b else L.background(), "analytics_blocked" if b else "ok", cli=bad if b else None)
            t += L.rng.uniform(3, 8)
        L.label("analytics_blocked", ["analytics_blocked", "caller_id_not_allowed"], why="labelled caller")
    return f


SCENARIOS["analytics_607"] = (_analytics(607, None), {})
SCENARIOS["analytics_603plus"] = (_analytics(603, "Network Blocked", [("Reason", 'Q.850;cause=21;text="v=analytics1;url=https://redress.example;tel=+12155550111";location=RLN')]), {})
SCENARIOS["analytics_608"] = (_analytics(608, None, [("Call-Info", '<https://block.example/card>;purpose=jwscard')]), {})


@scenario
def reinvite_refused(L):
    """A call in talk: our re-INVITE is refused, the call goes on."""
    tr = L.trunk(auth="none", cause="in_dialog_refused")
    code = L.rng.choice([403, 500, 488])
    for i in range(4):
        d = L.call(2 + 40 * i, tr, OK(30), "in_dialog_refused" if code != 488 else "ok")
        d["cseq"] += 5
        t = d["tans"] + 10
        d["to"] += ";tag=" + d["totag"]
        d.pop("totag")
        L.request(t, d, "INVITE")
        L.reply(t + tr.rtt, d, code, None if code == 488 else "Re-INVITE not permitted", tag=False)
        L.request(t + tr.rtt + .001, d, "ACK", body="")
    if code == 488:
        L.label("ok", ["ok", "in_dialog_refused"], ALL, "488 to a re-INVITE is a media negotiation, the call goes on")
        tr.cause = "ok"
    else:
        L.label("in_dialog_refused", why="a re-INVITE of a running call is refused")


# ---- E: provider and network -------------------------------------------------------------------------------------------------------
def _outage(codes, phrase=None, share=1.0, stage="pre", acc=(), n=20, hdrs=()):
    def f(L):
        tr = L.trunk(cause="carrier_outage")
        t, code = L.healthy(2, tr, 20, gap=3), L.rng.choice(codes)
        L.upkeep(.3, tr, t + 60)
        t += 5
        for i in range(n):
            bad = L.rng.random() < share
            L.call(t, tr, REF(code, phrase, stage, hdrs) if bad else L.background(), "carrier_outage" if bad else "ok")
            t += L.rng.uniform(2, 8)
        L.healthy(t + 30, tr, 8)
        L.label("carrier_outage", ["carrier_outage"] + list(acc), why="server errors for everything, whatever the load")
    return f


SCENARIOS["outage_503_all"] = (_outage([503]), {})
SCENARIOS["outage_500_502_504"] = (_outage([500, 502, 504], stage="post"), {})
SCENARIOS["outage_503_part"] = (_outage([503], share=.6, stage="post", n=40), {})
SCENARIOS["outage_503_retry_after"] = (_outage([503], hdrs=[("Retry-After", "30")]), {})
SCENARIOS["outage_500_phrase"] = (_outage([500], "I'm terribly sorry, server error occurred"), {})


@scenario
def outage_one_of_two_addresses(L):
    a = L.trunk("telvox", "198.51.100.31", auth="none")
    b = L.trunk("telvox2", "198.51.100.32", auth="none", host=a.host, target=a.host, user=a.user, dialect=a.dialect, cause="carrier_outage")
    t = 2
    for i in range(30):
        L.call(t, a, OK(8))
        L.call(t + 1, b, OK(8) if i < 10 else REF(503, None, "pre"), "ok" if i < 10 else "carrier_outage")
        t += 5
    L.label("carrier_outage", ["carrier_outage"], why="one address of two is down")


@scenario
def outage_from_start_single(L):
    tr = L.trunk(cause="carrier_outage", auth="none")
    L.call(1, tr, REF(L.rng.choice([500, 503, 504]), None, "pre"), "carrier_outage")
    L.label("carrier_outage", ["carrier_outage", "unknown", "channel_limit", "rate_limited"], why="one single 5xx: an outage is the ordinary meaning, unknown is honest")


@scenario
def single_403_pre(L):
    tr = L.trunk(cause="ip_not_allowed", auth="none")
    L.call(1, tr, REF(403, None, "pre"), "ip_not_allowed")
    L.label("ip_not_allowed", ["ip_not_allowed", "unknown"], why="one single 403 without challenge")


@scenario
def single_403_post(L):
    tr = L.trunk(cause="wrong_password", auth="407")
    L.call(1, tr, REF(403, None), "wrong_password")
    L.label("wrong_password", CREDS + ["unknown"], why="one single 403 after credentials")


def _silent(t1, n, v6=False, tcp=None):
    def f(L):
        tr = L.trunk(ip="2001:db8:77::5" if v6 else None, t1=t1, cause="no_response", use_ip=True)
        if tcp:
            L.pcap.tcp_open(L.t0 + 1, tr.src, 45022, tr.ip, 5060, None)
            for g in (1, 3, 7):
                L.pcap.add(L.t0 + 1 + g, tr.src, tr.ip, 6, wire.tcp(tr.src, 45022, tr.ip, 5060, 1000, 0, 2))
        for i in range(n):
            L.call(2 + 45 * i, tr, SILENT(), "no_response")
        L.options(10, tr, 0)
        L.label("no_response", why="no answer at all, ever")
    return f


SCENARIOS["silent_rfc_timers"] = (_silent(.5, 3), {})
SCENARIOS["silent_chan_sip_64"] = (_silent(.1, 4), {})
SCENARIOS["silent_one_call"] = (_silent(.5, 1), {})
SCENARIOS["silent_v6"] = (_silent(.5, 3, True), {"ip": "2001:db8:1::9"})


@scenario
def silent_after_credentials(L):
    tr = L.trunk(cause="no_response", auth="407")
    for i in range(4):
        L.call(2 + 45 * i, tr, SILENT("post"), "no_response")
    L.label("no_response", ["no_response", "wrong_password", "wrong_username"], [], "challenged, then no answer to the credentials")


@scenario
def silent_then_recovers(L):
    tr = L.trunk(cause="no_response")
    t = L.healthy(2, tr, 15)
    for i in range(4):
        L.call(t + 20 + 12 * i, tr, SILENT(), "no_response")
    L.options(t + 25, tr, 0)
    L.healthy(t + 110, tr, 15)
    L.label("no_response", ["no_response", "blocked_after_success"], why="two minutes of silence, then all is well")


def _icmp(kind, code, v6=False):
    def f(L):
        tr = L.trunk(ip="2001:db8:77::5" if v6 else None, cause="icmp_unreachable", t1=.1)
        for i in range(3):
            d = L.call(2 + 20 * i, tr, SILENT(), "icmp_unreachable")
            for t, _, tp, src, sp, dst, dp, data in [o for o in L.out if d["cid"].encode() in o[7]]:
                if L.rng.random() < .8 or t == L.calls[-1]["t"]:
                    ip = wire.ip_packet(src, dst, 17, wire.udp(src, sp, dst, dp, data), 7)
                    via = tr.ip if code in (3, 4) or L.rng.random() < .3 else ("2001:db8:5::1" if v6 else "203.0.113.254")
                    L.pcap.add(t + .01, via, src, 58 if v6 else 1, wire.icmp_error(via, src, kind, code, ip))
        L.label("icmp_unreachable", ["icmp_unreachable"], why="ICMP answers each request")
    return f


SCENARIOS["icmp_port"] = (_icmp(3, 3), {})
SCENARIOS["icmp_host"] = (_icmp(3, 1), {})
SCENARIOS["icmp_admin"] = (_icmp(3, 13), {})
SCENARIOS["icmp6_port"] = (_icmp(1, 4, True), {"ip": "2001:db8:1::9"})


# ---- several at once -----------------------------------------------------------------------------------------------------------------
@scenario
def six_trunks_four_causes(L):
    mk = [("telvox", "ok"), ("northcall", "wrong_password"), ("voipbay", "ip_not_allowed"), ("routeone", "no_response"), ("clearline", "payment_required"), ("speakon", "ok")]
    T = {n: L.trunk(n, "198.51.100.%d" % (20 + i), cause=c, auth="none" if c == "ip_not_allowed" else "407") for i, (n, c) in enumerate(mk)}
    T["northcall"].acceptable = CREDS
    T["voipbay"].acceptable = ["ip_not_allowed"]
    T["clearline"].acceptable = ["payment_required", "account_suspended"]
    t = 2
    for i in range(40):
        for n, c in mk:
            do = {"ok": L.background, "wrong_password": lambda: REF(403), "ip_not_allowed": lambda: REF(403, None, "pre"), "no_response": SILENT,
                  "payment_required": (lambda: REF(402)) if i > 15 else L.background}[c]()
            if c == "no_response" and i % 5:
                continue
            L.call(t + L.rng.random() * 3, T[n], do, c if do["kind"] == "silent" or do.get("code") in (402, 403) else "ok")
        t += 4
    L.label("multiple", ["multiple"], [], "four causes on six trunks")


@scenario
def suspended_then_ip_changed(L):
    tr = L.trunk(cause="multiple", auth="407", seen="203.0.113.21")
    t = L.healthy(2, tr, 15)
    t = many(L, tr, REF(403, "Account suspended"), "account_suspended", 5, t=t + 20)
    t = L.healthy(t + 60, tr, 15)
    tr.seen = "203.0.113.99"
    many(L, tr, REF(403, None, "pre"), "public_ip_changed", 5, t=t + 40)
    L.label("account_suspended", ["account_suspended"], ["wrong_password"], "two causes one after the other", {"public_ip_changed": ["ip_not_allowed"]})


@scenario
def same_cause_two_trunks(L):
    for i, n in enumerate(("telvox", "northcall")):
        tr = L.trunk(n, "198.51.100.%d" % (20 + i), cause="wrong_password", acceptable=CREDS, auth="407")
        many(L, tr, REF(403) if i else RECH(2), "wrong_password", 4, t=2 + i)
    L.label("wrong_password", CREDS, [], "two trunks, both with a wrong password")


@scenario
def failover_second_trunk_ok(L):
    a = L.trunk("telvox", "198.51.100.20", cause="carrier_outage")
    b = L.trunk("northcall", "198.51.100.21")
    t = 2
    for i in range(25):
        num, cli = L.number(), L.rng.choice(a.clis)
        if i < 8 or i > 20:
            L.call(t, a, OK(8), num=num, cli=cli)
        else:
            L.call(t, a, REF(503, None, "pre"), "carrier_outage", num=num, cli=cli)
            L.call(t + .2, b, L.background(), num=num, cli=cli)
        t += 6
    L.label("carrier_outage", why="the first carrier fails, the second takes the calls")


@scenario
def cause_fixed_ip(L):
    tr = L.trunk(auth="none", cause="ip_not_allowed", seen="203.0.113.21")
    t = many(L, tr, REF(403, pick(L, ["IP not authorized", "Forbidden"], ["Source unknown to ACL", "Forbidden"]), "pre"), "ip_not_allowed", 6)
    L.healthy(t + 90, tr, 20)
    L.label("ip_not_allowed", ["ip_not_allowed", "account_suspended"], why="refused at once, then whitelisted")


# ---- edges of the capture ----------------------------------------------------------------------------------------------------------
@scenario
def starts_mid_challenge(L):
    tr = L.trunk(cause="wrong_password", acceptable=CREDS, auth="407")
    many(L, tr, REF(403), "wrong_password", 4, t=2)
    first = L.calls[0]["t"]
    L.keep = lambda t, src, ip: t > first + tr.rtt + .0015
    badfirst = L.calls[0]
    badfirst["cause"] = "wrong_password"
    L.label("wrong_password", CREDS, [], "the first call's challenge was not captured")


@scenario
def starts_mid_call_ok(L):
    tr = L.trunk(auth="407")
    L.healthy(2, tr, 12)
    first = L.calls[0]["t"]
    L.keep = lambda t, src, ip: t > first + .05
    L.label("ok", must_not=ALL, why="starts within a healthy call")


@scenario
def ends_mid_call_ok(L):
    tr = L.trunk(auth="407")
    for i in range(6):
        L.call(2 + 5 * i, tr, OK(60))
    last = L.calls[-1]["t"]
    L.keep = lambda t, src, ip: t < last + tr.rtt + .001
    L.label("ok", must_not=ALL, why="the capture stops within a challenge")


@scenario
def one_way_requests_only(L):
    tr = L.trunk(auth="407")
    for i in range(5):
        L.call(2 + 9 * i, tr, OK(6, by="us"))
    L.keep = lambda t, src, ip: src == L.ip
    L.label("ok", must_not=ALL, why="only our direction was captured: INVITE, ACK, INVITE with credentials, ACK, BYE prove that answers came")


@scenario
def reordered(L):
    tr = L.trunk(cause="wrong_password", acceptable=CREDS, auth="407", rtt=.012)
    many(L, tr, REF(403), "wrong_password", 5)
    L.out = [(t + L.rng.uniform(0, .004),) + tuple(o) for t, *o in L.out]
    L.label("wrong_password", CREDS, [], "packets out of order by up to 4 ms")


@scenario(lab=dict(snaplen=300, link="en10mb"))
def snaplen_ok(L):
    tr = L.trunk(auth="407")
    L.healthy(2, tr, 15)
    L.label("ok", must_not=ALL, why="truncated packets of healthy traffic")


@scenario(lab=dict(link="en10mb", vlan=312))
def vlan_port5080_pw(L):
    tr = L.trunk(cause="wrong_password", acceptable=CREDS, port=5080, auth="401")
    many(L, tr, REF(403), "wrong_password", 4)
    L.label("wrong_password", CREDS, [], "VLAN, port 5080")


@scenario(lab=dict(ip="2001:db8:1::9"))
def v6_ip_403(L):
    tr = L.trunk(ip="2001:db8:77::5", auth="none", cause="ip_not_allowed", use_ip=True)
    many(L, tr, REF(403, None, "pre"), "ip_not_allowed", 4)
    L.label("ip_not_allowed", why="IPv6")


@scenario
def tcp_suspended(L):
    tr = L.trunk(transport="tcp", sport=45011, cause="account_suspended", auth="407")
    t = 2
    for i in range(14):
        L.call(t, tr, OK(4) if i < 8 else REF(403, pick(L, DENY, DENY_HELD)), "ok" if i < 8 else "account_suspended")
        t += 9
    L.label("account_suspended", ["account_suspended", "blocked_after_success"], why="TCP; good for a while, then refused after the challenge")


@scenario(held=True)
def tcp_pw_held(L):
    tr = L.trunk(transport="tcp", sport=45011, cause="wrong_password", acceptable=CREDS, auth="407")
    many(L, tr, RECH(1), "wrong_password", 4)
    L.label("wrong_password", CREDS, [], "TCP")


@scenario(held=True)
def held_two_causes_interleaved_one_trunk(L):
    tr = L.trunk(auth="407", cause="multiple")
    tr.clis = [L.number() for _ in range(3)]
    t = 2
    for i in range(50):
        r = L.rng.random()
        if r < .25:
            L.call(t, tr, REF(403, "Caller not verified"), "caller_id_not_allowed", cli="5550001")
        elif r < .4:
            L.call(t, tr, REF(402), "payment_required", num=L.number("011", 14))
        else:
            L.call(t, tr, OK(4))
        t += 5
    L.label("caller_id_not_allowed", ["caller_id_not_allowed"], ["wrong_password"], "", {"payment_required": ["destination_not_allowed"]})


@scenario(held=True)
def held_channels_two_limits_long(L):
    tr = L.trunk(auth="none", cause="channel_limit")
    t, busy = 2, []
    for i in range(300):
        busy = [e for e in busy if e > t]
        if len(busy) >= 7:
            L.call(t, tr, REF(503, "Resource unavailable"), "channel_limit")
        else:
            d = L.call(t, tr, OK(L.rng.uniform(10, 90)) if L.rng.random() < .6 else L.background())
            busy.append(d["t"] + L.t0 - L.t0)
        t += L.rng.uniform(1, 9) * (1 + (i // 60) % 2)
    L.label("channel_limit", ["channel_limit"], ["wrong_password", "account_suspended"], "limit 7 reached at several times")
