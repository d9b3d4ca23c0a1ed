# SPDX-License-Identifier: BSD-2-Clause
"""Part 3: ordinary traffic that must not be called a failure, and what our own box refuses."""
from scenarios import CREDS, many, pick, scenario, SCENARIOS
from sim import ALL, CANCEL, OK, RECH, REF, SILENT, UNANS, PHRASE


def ok(L, why):
    L.label("ok", ["ok"], ALL, why)


def _normal(n, gap, **kw):
    def f(L):
        tr = L.trunk(**kw)
        if tr.auth != "none":
            L.register(.5, tr)
        t = L.healthy(2, tr, n, gap)
        L.upkeep(.2, tr, t, code=L.rng.choice([200, 404, 403, 483, 501]))
        ok(L, "ordinary outcomes at ordinary rates")
    return f


SCENARIOS["normal_short"] = (_normal(10, 3), {})
SCENARIOS["normal_long"] = (_normal(300, 3), {})
SCENARIOS["normal_ip_trunk"] = (_normal(40, 3, auth="none"), {})
SCENARIOS["normal_burst"] = (_normal(80, .3), {})
SCENARIOS["normal_401"] = (_normal(40, 3, auth="401"), {})


def _single(do, why):
    def f(L):
        tr = L.trunk(auth=L.rng.choice(["none", "407"]))
        L.call(1, tr, do(L))
        ok(L, why)
    return f


SCENARIOS["single_486"] = (_single(lambda L: REF(486, ring=2), "one busy call"), {})
SCENARIOS["single_404_q850"] = (_single(lambda L: REF(404, None, "post", [("Reason", 'Q.850;cause=1;text="Unallocated (unassigned) number"')]), "one unallocated number, the network says so"), {})
SCENARIOS["single_480_after_ring"] = (_single(lambda L: REF(480, ring=5), "one call without answer"), {})
SCENARIOS["single_603_after_ring"] = (_single(lambda L: REF(603, ring=3), "one call declined by a human"), {})
SCENARIOS["single_cancel"] = (_single(lambda L: CANCEL(9), "one cancelled call"), {})


@scenario
def all_cancelled_or_busy(L):
    tr = L.trunk()
    for i in range(12):
        L.call(2 + 5 * i, tr, CANCEL(6) if i % 2 else REF(486, ring=1))
    ok(L, "nobody answers, many are busy after ringing: no refusal by the carrier")


@scenario
def amd_short_calls(L):
    tr = L.trunk()
    for i in range(60):
        L.call(2 + 1.5 * i, tr, OK(L.rng.uniform(.1, 2), by=L.rng.choice(["us", "them"])))
    ok(L, "200 then quick BYE")


@scenario
def reg_refresh_long_stale(L):
    tr = L.trunk()
    L.register(1, tr)
    for i in range(1, 40):
        L.register(1 + 105 * i, tr, cached="stale" if i % 4 == 0 else True)
    L.healthy(10, tr, 30, gap=60)
    ok(L, "an hour of refreshes, the nonce expires now and then")


@scenario
def reg_423_then_ok(L):
    tr = L.trunk()
    L.register(1, tr, REF(423, None, "post", [("Min-Expires", "300")]), "interval_too_brief", expires=60)
    L.register(1.3, tr, expires=300)
    L.healthy(4, tr, 10)
    ok(L, "423, then registered with the longer interval")


@scenario
def invite_422_then_ok(L):
    tr = L.trunk(auth="none")
    for i in range(4):
        t = 2 + 20 * i
        d = L.dialog(tr, "INVITE", L.number(), tr.clis[0])
        T = L.t0 + t
        L.attempt(T, d, REF(422, None, "pre", [("Min-SE", "1800")]))
        d["cseq"] += 1
        d.pop("totag", None)
        end = L.attempt(T + .2, d, OK(8))
        L.calls.append(dict(call_id=d["cid"], t=T, direction="outbound", src=tr.src, provider_ip=tr.ip, from_user=d["user"], auth_user=None, number=d["num"], final_code=200, cause="ok", wire_codes=d["codes"]))
    ok(L, "422, retried with a longer session interval, answered")


@scenario
def redirect_302(L):
    tr = L.trunk(auth="none")
    for i in range(5):
        num = L.number()
        L.call(2 + 8 * i, tr, REF(302, None, "pre", [("Contact", "<sip:%s@%s>" % (num, tr.ip))]), num=num)
        L.call(2.2 + 8 * i, tr, OK(5), num=num)
    ok(L, "302 followed by the call to the new target")


@scenario
def early_media_then_busy(L):
    tr = L.trunk()
    for i in range(10):
        L.call(2 + 8 * i, tr, OK(6) if i % 2 else REF(L.rng.choice([486, 480, 603, 404]), ring=6))
    ok(L, "183 with an announcement, then a normal ending")


@scenario
def provider_408_after_ring(L):
    tr = L.trunk()
    for i in range(10):
        L.call(2 + 8 * i, tr, OK(6) if i % 2 else REF(408, ring=30))
    ok(L, "the provider's own ring timeout: no answer")


@scenario
def pings_refused_by_us(L):
    tr = L.trunk(auth="none")
    for i in range(12):
        L.stranger(1 + 10 * i, tr.ip, 5060, "OPTIONS", "ping", None, [L.rng.choice([404, 200, 403])], cause="ok")
        L.hostile.pop()
        L.stranger(3 + 10 * i, tr.ip, 5060, "NOTIFY", "100", None, [489], cause="ok")
        L.hostile.pop()
    L.healthy(2, tr, 20)
    ok(L, "the provider's OPTIONS and NOTIFY answered 404/489")


@scenario
def bye_481(L):
    tr = L.trunk(auth="none")
    for i in range(8):
        d = L.call(2 + 9 * i, tr, OK(5, by="them"))
        d["cseq"] += 1
        t = d["end"] + .01
        L.request(t, d, "BYE", to=d["to"] + ";tag=" + d["totag"], body="")
        L.reply(t + tr.rtt, d, 481, method="BYE")
    ok(L, "BYE from both sides crosses: 481")


@scenario
def good_register_403_once_then_ok(L):
    tr = L.trunk(auth="407")
    L.healthy(2, tr, 40, gap=2, mix=lambda: OK(10))
    ok(L, "all answered")


# ---- G: our own box refuses ------------------------------------------------------------------------------------------------------------
def _inbound(codes, method="INVITE", n=5):
    def f(L):
        tr = L.trunk(cause="inbound_rejected_by_us", auth=L.rng.choice(["none", "407"]))
        L.healthy(2, tr, 12)
        cs = L.rng.choice(codes)
        for i in range(n):
            L.stranger(5 + 12 * i, tr.ip, 5060, method, L.number(), L.rng.choice([None, tr.d["server"] and tr.d["server"].split(": ")[1]]), cs, kind="inbound")
        L.label("inbound_rejected_by_us", ["inbound_rejected_by_us"], ALL, "the provider's calls are refused by our box; ours are fine")
    return f


SCENARIOS["inbound_404"] = (_inbound([[404]]), {})
SCENARIOS["inbound_401"] = (_inbound([[401]]), {})
SCENARIOS["inbound_403_488"] = (_inbound([[403], [488], [603]]), {})
SCENARIOS["inbound_480_503"] = (_inbound([[480], [503]]), {})


@scenario
def inbound_busy_agents(L):
    tr = L.trunk(auth="none")
    L.healthy(2, tr, 12)
    for i in range(4):
        L.stranger(5 + 15 * i, tr.ip, 5060, "INVITE", L.number(), None, [486], kind="inbound", cause="ok")
    ok(L, "all agents busy: 486 to the provider is an ordinary answer")


def _scan(methods, agents, codes, rotate, creds=False):
    def f(L):
        tr = L.trunk()
        L.healthy(2, tr, 12)
        for i in range(60):
            src = "192.0.%d.%d" % (3 + (i % rotate), 7 + i % rotate)
            ext = str(L.rng.choice([100 + i, 1000 + i, 90011442000 + i]))
            L.stranger(3 + .7 * i, src, L.rng.choice([5060, 5071, 40000 + i]), L.rng.choice(methods), ext, L.rng.choice(agents), L.rng.choice(codes), creds=ext if creds else None)
        L.label("scanner_attack", ["scanner_attack", "ok"], ALL, "strangers probe our box; the trunk is fine")
    return f


SCENARIOS["scan_register_one_source"] = (_scan(["REGISTER"], ["friendly-scanner"], [[401, 403], [401]], 1, True), {})
SCENARIOS["scan_faked_agents_rotating"] = (_scan(["REGISTER", "INVITE", "OPTIONS"], ["Avaya IP Phone 1120E", "Cisco-SIPGateway/IOS-12.x", "Z 3.14.38765 rv2.8.3", "Asterisk PBX 16.2", None], [[401], [404], [403], [0]], 9), {})
SCENARIOS["scan_invite_prefixes"] = (_scan(["INVITE"], ["PolycomSoundPointIP-SPIP_550-UA/3.3.2.0413", None], [[401], [404], [603]], 4), {})


@scenario
def phone_wrong_password(L):
    tr = L.trunk()
    L.healthy(2, tr, 15)
    ph = "192.168.7.21" if L.ip.startswith("10.") else L.ip.rsplit(".", 1)[0] + ".251"
    for i in range(6):
        L.stranger(3 + 10 * i, ph, 5062, "REGISTER", "6001", "Grandstream GXP1625 1.0.4.128", [401, 403], kind="local", creds="6001", cid="a1b2c3@" + ph)
    L.label("local_client_rejected", ["local_client_rejected", "scanner_attack", "ok"], ALL, "a desk phone with a wrong password")


@scenario
def scanner_while_ip_refused(L):
    tr = L.trunk(auth="none", cause="ip_not_allowed")
    many(L, tr, REF(403, None, "pre"), "ip_not_allowed", 6)
    for i in range(40):
        L.stranger(1 + .4 * i, "192.0.%d.9" % (10 + i % 3), 5060, "REGISTER", str(200 + i), None, [401, 403], creds=str(200 + i))
    L.label("ip_not_allowed", why="scanners and a real refusal at once")


# ---- shares -----------------------------------------------------------------------------------------------------------------------------
def _share(code, ring):
    def f(L):
        tr = L.trunk(auth=L.rng.choice(["none", "407"]))
        t = L.healthy(2, tr, 250, gap=3)
        for _ in range(60):
            L.call(t, tr, REF(code, ring=ring) if L.rng.random() < .75 else L.background())
            t += L.rng.uniform(1, 5)
        L.expect = "abnormal_outcomes"
        ok(L, "the share of one normal outcome jumps to 75 % after a long healthy history: an incident, no failures")
        L.acceptable = ["ok", "abnormal_outcomes"]
    return f


SCENARIOS["share_480_ring"] = (_share(480, 2), {})
SCENARIOS["share_486_ring"] = (_share(486, 1), {})
SCENARIOS["share_603_ring"] = (_share(603, 2), {})


# ---- several legs and long days --------------------------------------------------------------------------------------------------------
@scenario
def nat_duplicates(L):
    """Captured on `any`: every packet is seen before and after the address translation."""
    tr = L.trunk(auth="none", cause="ip_not_allowed")
    many(L, tr, REF(403, None, "pre"), "ip_not_allowed", 4)
    inside = "172.17.0.4"
    L.extra_local = [inside]
    for t, _, tp, src, sp, dst, dp, data in list(L.out):
        off = -.00002 if src == L.ip else .00002
        L.out.append((t + off, len(L.out), tp, inside if src == L.ip else src, sp, inside if dst == L.ip else dst, dp, data))
    L.label("ip_not_allowed", why="each packet twice, with the container's address and with ours")


@scenario
def day_with_limit(L):
    """Hours of traffic, busy and quiet; a limit of 9 is met at the two peaks only."""
    tr = L.trunk(auth="407", cause="channel_limit")
    t, busy = 2, []
    for i in range(500):
        peak = 100 < i % 250 < 190
        busy = [e for e in busy if e > t]
        if len(busy) >= 9:
            L.call(t, tr, REF(503), "channel_limit")
        else:
            d = L.call(t, tr, OK(L.rng.uniform(20, 80)) if L.rng.random() < .5 else L.background())
            busy.append(d["end"] - L.t0 if "end" in d else d["t"])
        t += L.rng.uniform(1, 5) if peak else L.rng.uniform(10, 30)
    L.label("channel_limit", ["channel_limit"], ["wrong_password", "account_suspended"], "503 exactly when nine calls are up, at two peaks of a long day")


@scenario
def random_refusals(L):
    """8 % of the calls get 503 at any load: some route of the carrier is bad."""
    tr = L.trunk(auth="none", cause="carrier_outage")
    t = 2
    for i in range(300):
        bad = L.rng.random() < .08
        L.call(t, tr, REF(503, wait=1.2) if bad else L.background(), "carrier_outage" if bad else "ok")
        t += L.rng.uniform(1, 6)
    L.label("carrier_outage", ["carrier_outage", "unknown"], ["wrong_password", "account_suspended", "channel_limit", "rate_limited"], "503 for 8 % of calls whatever caller, destination and load: an outage of a part, or honestly unknown")
