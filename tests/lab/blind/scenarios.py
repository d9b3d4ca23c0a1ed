# SPDX-License-Identifier: BSD-2-Clause
"""The scenarios, part 1: one cause on one trunk.  Each is a function of a fresh Lab; its label says what an expert with only this
capture would accept, and why where that is more than one answer.  HELD ones and other seeds measure, they are not for tuning."""
from sim import ALL, CANCEL, OK, RECH, REF, SILENT, UNANS, Lab

SCENARIOS, HELD = {}, set()
BADPW = ["Forbidden", "Login failed", "Authentication rejected", "Invalid credentials", "", "Bad auth", "Wrong password", "Authorization failure"]
BADPW_HELD = ["Auth denied", "Subscriber authentication failure", "Incorrect authentication", "User verification failed", "Forbidden"]


def scenario(f=None, **kw):
    def deco(fn):
        SCENARIOS[fn.__name__] = (fn, kw.get("lab", {}))
        if kw.get("held"):
            HELD.add(fn.__name__)
        return fn
    return deco(f) if f else deco


def pick(L, pub, held):
    """One carrier says it the same way each time: drawn once per capture and list."""
    key = tuple(map(str, pub))
    if key not in L.picked:
        L.picked[key] = L.rng.choice(held if L.held else pub)
    return L.picked[key]


CREDS = ["wrong_password", "wrong_username"]
DENY = ["Forbidden", "Forbidden", "Call rejected", "Not permitted", "Call not allowed", "Request denied"]
DENY_HELD = ["Forbidden", "Blocked by policy", "Barred", "Operation refused", "Call disallowed"]


def badpw(L, why="", **kw):
    return L.label(kw.pop("cause", "wrong_password"), kw.pop("acc", CREDS), [], why, **kw)


def many(L, tr, do, cause, n=4, t=2, gap=3, **kw):
    for i in range(n):
        L.call(t, tr, do() if callable(do) else do, cause, **kw)
        t += gap * L.rng.uniform(.5, 1.5)
    return t


# ---- A: our credentials ---------------------------------------------------------------------------------------------------------
def _pw_code(code, phrases=None, phrases_held=None, auth=None):
    def f(L):
        tr = L.trunk(cause="wrong_password", acceptable=CREDS, **({"auth": auth} if auth else {}))
        ph = pick(L, phrases or [None], phrases_held or phrases or [None])
        L.upkeep(.2, tr, 15)
        many(L, tr, REF(code, ph), "wrong_password", L.rng.choice([2, 4, 7]))
        badpw(L, "every INVITE is challenged, answered and refused; no success ever")
    return f


for _n, _c, _p, _h, _a in [("403", 403, BADPW, BADPW_HELD, None), ("401auth_403", 403, BADPW, BADPW_HELD, "401")]:
    SCENARIOS["pw_invite_" + _n] = (_pw_code(_c, _p, _h, _a), {})


@scenario
def pw_rechallenge_407(L):
    tr = L.trunk(auth="407", cause="wrong_password", acceptable=CREDS)
    many(L, tr, RECH(1 if L.stack == "pjsip" else 3), "wrong_password", 3)
    badpw(L, "challenged again with a new nonce, no stale")


@scenario
def pw_rechallenge_401_reg_and_invite(L):
    tr = L.trunk(auth="401", cause="wrong_password", acceptable=CREDS)
    for t in (1, 21, 41):
        L.register(t, tr, RECH(1), "wrong_password")
    many(L, tr, RECH(2), "wrong_password", 2, t=5)
    badpw(L, "REGISTER and INVITE both challenged again and again")


@scenario
def pw_register_only_403(L):
    tr = L.trunk(cause="wrong_password", acceptable=CREDS)
    for i in range(L.rng.choice([1, 2, 5])):
        L.register(1 + 20 * i, tr, REF(403, pick(L, BADPW, BADPW_HELD)), "wrong_password")
    L.upkeep(.3, tr, 60)
    badpw(L, "only REGISTER is seen: 401, credentials, 403")


@scenario
def user_register_404(L):
    tr = L.trunk(cause="wrong_username", acceptable=["wrong_username", "wrong_password"])
    for i in range(2):
        L.register(1 + 20 * i, tr, REF(404, pick(L, [None, "Unknown user", "No such subscriber"], ["Subscriber absent", None])), "wrong_username")
    L.label("wrong_username", CREDS, [], "REGISTER with credentials answered 404: the user is unknown")


@scenario
def user_invite_404_after_creds_all(L):
    tr = L.trunk(cause="wrong_username")
    L.register(1, tr, REF(404, "Unknown user"), "wrong_username")
    many(L, tr, REF(403, "Unknown user"), "wrong_username", 3)
    L.label("wrong_username", CREDS, [], "REGISTER 404 and INVITE 403 after credentials, with a phrase that names the user")


@scenario(held=True)
def pw_500_odd(L):
    tr = L.trunk(cause="wrong_password", acceptable=CREDS)
    for i in range(3):
        L.register(1 + 20 * i, tr, REF(403, pick(L, BADPW, BADPW_HELD)), "wrong_password")
    many(L, tr, REF(603, "Authentication failed"), "wrong_password", 3)
    badpw(L, "INVITE 603 after credentials but REGISTER with the same credentials is refused too")


@scenario
def pw_misleading_ip_phrase(L):
    tr = L.trunk(cause="wrong_password", acceptable=CREDS + ["unknown", "ip_not_allowed", "account_suspended"])
    L.register(1, tr, RECH(2), "wrong_password")
    many(L, tr, REF(403, "IP address not allowed"), "wrong_password", 3)
    badpw(L, "phrase says IP after a challenge, but REGISTER is re-challenged: the password is bad", acc=CREDS + ["unknown", "ip_not_allowed"])


@scenario
def pw_two_out_of_two_calls_with_100(L):
    tr = L.trunk(cause="wrong_password", acceptable=CREDS, dialect="opensips" if not L.held else "yate")
    many(L, tr, REF(403, trying=1), "wrong_password", 2)
    badpw(L, "100 Trying before and after the challenge proves nothing")


@scenario
def pw_fixed(L):
    tr = L.trunk(cause="wrong_password", acceptable=CREDS)
    t = many(L, tr, REF(403, pick(L, BADPW, BADPW_HELD)), "wrong_password", 4)
    L.healthy(t + 30, tr, 8)
    badpw(L, "refused until the secret is corrected, then ordinary traffic")


@scenario
def pw_changed_later(L):
    tr = L.trunk(cause="wrong_password", acceptable=CREDS + ["account_suspended", "blocked_after_success"])
    t = L.healthy(2, tr, 25)
    many(L, tr, RECH(2), "wrong_password", 5, t=t + 30)
    badpw(L, "good for a long time, then challenged again and again without stale: the password no longer fits", acc=CREDS + ["account_suspended"])


@scenario
def pw_401_only_register_ok_invite_other_realm(L):
    tr = L.trunk(cause="from_header_mismatch", cli_in="from", acceptable=["from_header_mismatch", "caller_id_not_allowed", "account_suspended", "unknown"])
    L.register(1, tr)
    many(L, tr, REF(403, pick(L, ["From user must match account", "Username mismatch", "Authentication Username Mismatch"], ["From header does not match auth user", "Identity mismatch: From"])), "from_header_mismatch", 4)
    L.label("from_header_mismatch", None, why="registered with the same account; INVITE From is the caller ID, refused with a phrase that names From")


@scenario
def from_mismatch_proved_by_contrast(L):
    tr = L.trunk(cause="from_header_mismatch", cli_in="from")
    many(L, tr, REF(403), "from_header_mismatch", 4)
    tr.cli_in = "pai"
    many(L, tr, OK(5), "ok", 4, t=30)
    L.label("from_header_mismatch", ["from_header_mismatch", "caller_id_not_allowed"], why="same account: From user = caller ID refused, From user = account works with the same caller IDs in PAI")


@scenario
def nocred(L):
    tr = L.trunk(auth=L.rng.choice(["401", "407"]), cause="no_credentials", acceptable=["no_credentials", "ip_not_allowed"])
    many(L, tr, UNANS(), "no_credentials", L.rng.choice([1, 3, 6]))
    L.upkeep(.3, tr, 20)
    L.label("no_credentials", ["no_credentials", "ip_not_allowed"], why="challenge acknowledged, never answered")


@scenario
def nocred_after_good_history(L):
    tr = L.trunk(auth="none", cause="ip_not_allowed", acceptable=["no_credentials", "ip_not_allowed", "blocked_after_success"])
    t = L.healthy(2, tr, 20)
    tr.auth = "407"
    many(L, tr, UNANS(), "ip_not_allowed", 5, t=t + 20)
    L.label("ip_not_allowed", ["ip_not_allowed", "no_credentials", "blocked_after_success"], why="an address-authenticated trunk suddenly is challenged: the address left the list")


@scenario
def alg_sha256_unanswered(L):
    tr = L.trunk(auth=L.rng.choice(["401", "407"]), cause="unsupported_algorithm", algorithm=L.rng.choice(["SHA-256", "SHA-512-256"]), stack="chan_sip", agent="Asterisk PBX 13.38.3-vici")
    many(L, tr, UNANS(), "unsupported_algorithm", 3)
    L.label("unsupported_algorithm", ["unsupported_algorithm", "no_credentials"] if L.held else ["unsupported_algorithm"], why="only SHA offered, never answered")


@scenario
def alg_sha256_register(L):
    tr = L.trunk(cause="unsupported_algorithm", algorithm="SHA-256", stack="chan_sip", agent="Asterisk PBX 18.21.0-vici")
    for i in range(4):
        L.register(1 + 20 * i, tr, UNANS(), "unsupported_algorithm")
    L.label("unsupported_algorithm", why="REGISTER only: SHA-256 offered, never answered")


@scenario
def sha256_ok(L):
    tr = L.trunk(algorithm="SHA-256", stack="pjsip", agent="Asterisk PBX 22.1.0")
    L.register(1, tr)
    L.healthy(3, tr, 15)
    L.label("ok", must_not=ALL)


@scenario
def stale_loop(L):
    tr = L.trunk(auth=L.rng.choice(["401", "407"]), cause="stale_nonce_loop")
    many(L, tr, RECH(3, stale=True), "stale_nonce_loop", 4)
    L.label("stale_nonce_loop", why="every answer is called stale")


@scenario(held=True)
def stale_loop_register(L):
    tr = L.trunk(cause="stale_nonce_loop")
    for i in range(4):
        L.register(1 + 20 * i, tr, RECH(3, stale=True), "stale_nonce_loop")
    L.label("stale_nonce_loop", why="REGISTER only, stale for ever")


@scenario
def lockout_after_failures_403(L):
    tr = L.trunk(cause="locked_out", acceptable=["locked_out", "wrong_password", "wrong_username", "blocked_after_success"])
    for i in range(8):
        L.register(1 + 5 * i, tr, RECH(1), "wrong_password")
    for i in range(6):
        L.register(45 + 5 * i, tr, REF(403, pick(L, ["Forbidden", "Too many failed attempts", "Temporarily locked"], ["Address banned", "Lockout active", "Forbidden"]), "pre"), "locked_out")
    L.label("wrong_password", CREDS + ["locked_out"], [], "eight failed logins, then refused without a challenge", {"locked_out": CREDS})


@scenario
def lockout_silent(L):
    tr = L.trunk(cause="wrong_password", acceptable=CREDS + ["locked_out"])
    for i in range(8):
        L.register(1 + 5 * i, tr, REF(403), "wrong_password")
    tr.reg_id = None
    for i in range(3):
        L.call(60 + 40 * i, tr, SILENT(), "locked_out")
    L.label("wrong_password", CREDS + ["locked_out"], [], "eight failed logins, then calls are left without any answer", {"locked_out": ["locked_out", "no_response", "blocked_after_success"]})


# ---- B: our address ---------------------------------------------------------------------------------------------------------------
def _ip_code(code, phrases, held, extra=(), acc=()):
    def f(L):
        tr = L.trunk(auth="none", cause="ip_not_allowed", acceptable=["ip_not_allowed"] + list(acc))
        L.upkeep(.2, tr, 20, code=L.rng.choice([200, 200, 404, 403]))
        many(L, tr, REF(code, pick(L, phrases, held), "pre", extra, trying=L.rng.choice([0, 1])), "ip_not_allowed", L.rng.choice([3, 5, 9]))
        L.label("ip_not_allowed", ["ip_not_allowed"] + list(acc), why="refused at once, no challenge, no success ever")
    return f


SCENARIOS["ip_403"] = (_ip_code(403, ["Forbidden", "IP not authorized", "Unknown source", "Unauthorized IP address", "Not relaying", ""], ["Source not provisioned", "Forbidden", "ACL reject", "No trunk for address", ""]), {})
SCENARIOS["ip_403_auth_phrase"] = (_ip_code(403, ["Authentication failed", "authentication failed"], ["Auth failure", "Not authenticated"]), {})
SCENARIOS["ip_603_phrase"] = (_ip_code(603, ["IP not allowed", "Unauthorized source IP"], ["Source address refused", "IP unknown"]), {})
SCENARIOS["ip_503_phrase"] = (_ip_code(503, ["Unauthorized IP address"], ["Unknown source address"], acc=()), {})
SCENARIOS["ip_404_domain"] = (_ip_code(404, ["Domain not bound", "Unknown customer", "No such trunk"], ["Unknown peer", "Account not found for source"], acc=["wrong_realm", "number_format", "unknown", "wrong_username", "destination_not_allowed"]), {})
SCENARIOS["ip_480_all"] = (_ip_code(480, ["Source not registered"], ["Originator not registered"], acc=["not_registered", "unknown"]), {})


@scenario
def ip_401_refusal_no_challenge(L):
    tr = L.trunk(auth="none", cause="ip_not_allowed", acceptable=["ip_not_allowed", "no_credentials"])
    many(L, tr, REF(401, pick(L, [None, "Unauthorized source"], ["Unknown endpoint"]), "pre"), "ip_not_allowed", 4)
    L.label("ip_not_allowed", ["ip_not_allowed", "no_credentials", "unknown"], why="401 without a challenge header: nothing to answer")


@scenario
def ip_register_pre_403(L):
    tr = L.trunk(cause="ip_not_allowed")
    for i in range(3):
        L.register(1 + 20 * i, tr, REF(403, pick(L, DENY[:3], DENY_HELD), "pre"), "ip_not_allowed")
    many(L, tr, REF(403, None, "pre"), "ip_not_allowed", 2)
    L.label("ip_not_allowed", why="REGISTER and INVITE refused at once")


@scenario
def ip_removed_then_restored(L):
    tr = L.trunk(auth="none", cause="ip_not_allowed")
    t = many(L, tr, REF(403, pick(L, ["Forbidden", "IP not authorized"], ["ACL reject", "Forbidden"]), "pre"), "ip_not_allowed", 5)
    L.healthy(t + 60, tr, 10)
    L.label("ip_not_allowed", ["ip_not_allowed", "account_suspended"], why="refused at once from the start of the capture, works later (whitelisted then)")


@scenario
def public_ip_changed(L):
    tr = L.trunk(auth="none", cause="public_ip_changed", seen="203.0.113.21")
    t = L.healthy(2, tr, 15)
    tr.seen = "203.0.113.188"
    many(L, tr, REF(403, pick(L, DENY, DENY_HELD), "pre"), "public_ip_changed", 6, t=t + 30)
    L.label("public_ip_changed", ["public_ip_changed", "ip_not_allowed"], why="received= changes between the last good call and the first refusal")


@scenario
def public_ip_changed_digest(L):
    tr = L.trunk(cause="public_ip_changed", seen="203.0.113.21")
    L.register(1, tr)
    t = L.healthy(2, tr, 15)
    tr.seen = "198.18.7.9"
    for i in range(2):
        L.register(t + 20 + 20 * i, tr, REF(403, None, "pre"), "public_ip_changed")
    many(L, tr, REF(403, None, "pre"), "public_ip_changed", 5, t=t + 30)
    L.label("public_ip_changed", ["public_ip_changed", "ip_not_allowed"], why="digest trunk: challenged before, refused unchallenged since received= changed")


@scenario
def source_port_mismatch(L):
    tr = L.trunk(cause="source_port_mismatch")
    tr.auth = "407"
    tr.__dict__["seen_port"] = 5060
    L.register(1, tr)
    tr.__dict__["seen_port"] = 34211
    many(L, tr, REF(403, pick(L, ["Not Registered", "Not registered from this port"], ["Registration not found for source", "Not Registered"])), "source_port_mismatch", 4)
    L.label("source_port_mismatch", ["source_port_mismatch", "not_registered"], why="rport of REGISTER and INVITE differ; the provider misses the registration")


@scenario
def not_registered_expired(L):
    tr = L.trunk(cause="not_registered", auth=L.rng.choice(["none", "407"]))
    L.register(1, tr, expires=60)
    L.healthy(3, tr, 6)
    for i in range(3):
        L.register(70 + 35 * i, tr, SILENT(), "no_response")
    many(L, tr, REF(L.rng.choice([403, 403, 480]), pick(L, ["Not Registered", "User not registered"], ["Please register first", "No registration"])), "not_registered", 5, t=140)
    L.label("not_registered", ["not_registered"], why="the registration expired, its refresh is unanswered, calls are refused", by_cause={"no_response": ["not_registered"]})


@scenario
def not_registered_never(L):
    tr = L.trunk(cause="not_registered", auth="none", acceptable=["not_registered", "ip_not_allowed"])
    many(L, tr, REF(403, pick(L, ["Not Registered", "Endpoint not registered"], ["Unregistered gateway", "No active registration"])), "not_registered", 5)
    L.label("not_registered", ["not_registered", "ip_not_allowed"], why="no REGISTER in the capture, phrase says not registered")


def _blocked(do, n_good, acc=()):
    def f(L):
        tr = L.trunk(cause="blocked_after_success", auth=L.rng.choice(["none", "407"]))
        t = L.healthy(2, tr, n_good, gap=2)
        L.upkeep(.3, tr, t)
        for i in range(8):
            L.call(t + 30 + 35 * i, tr, do(L), "blocked_after_success")
        if do(L)["kind"] == "silent":
            for i in range(4):
                L.options(t + 40 + 60 * i, tr, 0)
        L.label("blocked_after_success", ["blocked_after_success"] + list(acc), why="served until t0, then everything refused without a challenge")
    return f


SCENARIOS["blocked_403_pre"] = (_blocked(lambda L: REF(403, pick(L, DENY[:2], DENY_HELD[:1]), "pre"), 20, ["account_suspended", "ip_not_allowed"]), {})
SCENARIOS["blocked_silent"] = (_blocked(lambda L: SILENT(), 25, ["no_response"]), {})


# ---- C: our account ----------------------------------------------------------------------------------------------------------------
@scenario
def suspended_403_after_history(L):
    tr = L.trunk(cause="account_suspended", auth="407", acceptable=["account_suspended", "blocked_after_success"])
    L.register(1, tr)
    t = L.healthy(2, tr, 30)
    L.register(t, tr)
    many(L, tr, REF(403, pick(L, DENY, DENY_HELD)), "account_suspended", 8, t=t + 10)
    L.label("account_suspended", ["account_suspended", "blocked_after_success"], why="challenged and credentials proven good before; all callers and destinations refused from t0")


@scenario
def suspended_phrase_ip_trunk(L):
    tr = L.trunk(cause="account_suspended", auth="none", acceptable=["account_suspended"])
    many(L, tr, REF(403, pick(L, ["Account suspended", "Account disabled", "Customer blocked, contact billing"], ["Service contract inactive", "Account is locked by accounting", "Customer deactivated"]), "pre"), "account_suspended", 4)
    L.label("account_suspended", ["account_suspended"], why="phrase names the account")


def _funds(code, phrases, held, stage="post", acc=(), reason=()):
    def f(L):
        tr = L.trunk(cause="payment_required", acceptable=["payment_required", "account_suspended"] + list(acc))
        t = L.healthy(2, tr, 12)
        t = many(L, tr, REF(code, pick(L, phrases, held), stage, reason), "payment_required", 5, t=t + 10)
        if L.rng.random() < .5:
            L.healthy(t + 60, tr, 6)
        L.label("payment_required", ["payment_required", "account_suspended"] + list(acc), why="money")
    return f


SCENARIOS["funds_402"] = (_funds(402, [None, "Insufficient funds"], ["Credit exhausted", None]), {})
SCENARIOS["funds_402_reason21"] = (_funds(402, [None], [None], reason=[("Reason", 'Q.850;cause=21;text="Call Rejected"')]), {})
SCENARIOS["funds_403_phrase"] = (_funds(403, ["Balance Insufficient", "Not enough credit", "No credit left"], ["Low balance", "Prepaid balance exhausted", "Top up required"]), {})
SCENARIOS["funds_503_phrase"] = (_funds(503, ["Funds Required", "Insufficient balance"], ["Insufficient Funds on account", "Balance too low"]), {})
SCENARIOS["funds_603_barred"] = (_funds(603, ["outgoing call barred"], ["Outgoing calls barred"], acc=["destination_not_allowed", "blocked_after_success"]), {})


@scenario(held=True)
def funds_pre_x_header(L):
    tr = L.trunk(cause="payment_required", auth="none", acceptable=["payment_required", "account_suspended"])
    t = L.healthy(2, tr, 12)
    many(L, tr, REF(403, "Forbidden", "pre", [("Warning", '399 gw1 "Customer balance below limit"')]), "payment_required", 5, t=t + 10)
    L.label("payment_required", ["payment_required", "account_suspended"], why="Warning text names the balance")


@scenario
def two_accounts_one_address(L):
    a = L.trunk("telvox", "198.51.100.77")
    b = L.trunk("telvoxb", "198.51.100.77", cause="account_suspended", dialect=a.dialect, realm=a.realm, host=a.host, target=a.target, acceptable=["account_suspended", "blocked_after_success"])
    for i in range(12):
        L.call(2 + 6 * i, a, L.background())
        L.call(4 + 6 * i, b, L.background() if i < 6 else REF(403), "ok" if i < 6 else "account_suspended")
    L.label("account_suspended", ["account_suspended", "blocked_after_success"], why="same address, one account fine, the other refused after a good history")


@scenario
def register_refused_calls_ok(L):
    tr = L.trunk(cause="registration_not_allowed", auth="none")
    for i in range(4):
        L.register(1 + 60 * i, tr, REF(L.rng.choice([403, 405, 501]) if L.held else 403, pick(L, ["Forbidden", "Registration not allowed"], ["Registration is disabled", None]), "pre"), "registration_not_allowed")
    L.healthy(3, tr, 25)
    L.label("registration_not_allowed", why="REGISTER refused for ever, calls work")


def _cli(where, phrases, held, ncli, code=403, auth="407"):
    def f(L):
        tr = L.trunk(cause="caller_id_not_allowed", cli_in=where, auth=auth, acceptable=["caller_id_not_allowed", "from_header_mismatch"])
        good, bad = tr.clis[:1] + [L.number() for _ in range(ncli)], [L.number() for _ in range(max(1, ncli - 1))]
        dests, t, ph = [L.number() for _ in range(6)], 2, pick(L, phrases, held)
        for i in range(10 * ncli):
            ok = L.rng.random() < .55 if i > 1 else i == 0
            L.call(t, tr, (OK(6) if L.rng.random() < .7 else L.background()) if ok else REF(code, ph), "ok" if ok else "caller_id_not_allowed", cli=L.rng.choice(good if ok else bad), num=L.rng.choice(dests))
            t += L.rng.uniform(3, 12)
        L.label("caller_id_not_allowed", ["caller_id_not_allowed"], ["wrong_password", "account_suspended"], "the same destinations succeed with other callers")
    return f


SCENARIOS["cli_from_plain"] = (_cli("from", DENY, DENY_HELD, 2, auth="none"), {})
SCENARIOS["cli_pai_plain"] = (_cli("pai", DENY, DENY_HELD, 2), {})
SCENARIOS["cli_rpid_many"] = (_cli("rpid", DENY, DENY_HELD, 4), {})
SCENARIOS["cli_603"] = (_cli("from", ["Decline", "Caller ID rejected"], ["Calling number refused", "Originator barred"], 2, 603, "none"), {})


@scenario
def cli_phrase_single_caller(L):
    tr = L.trunk(cause="caller_id_not_allowed", auth="407")
    tr.clis = tr.clis[:1]
    L.register(1, tr)
    many(L, tr, REF(L.rng.choice([403, 403, 603]), pick(L, ["Caller ID is unauthorized", "Invalid caller id", "Unverified origination number", "ANI not allowed"], ["Calling party number not assigned to customer", "CLI not permitted", "A-number rejected"])), "caller_id_not_allowed", 4)
    L.label("caller_id_not_allowed", ["caller_id_not_allowed", "from_header_mismatch"], why="phrase names the caller ID; registered with the same account")


@scenario
def cli_433_anonymous(L):
    tr = L.trunk(cause="caller_id_not_allowed", cli_in="from", acceptable=["caller_id_not_allowed"])
    for i in range(10):
        anon = i % 3 == 2
        L.call(2 + 5 * i, tr, REF(433) if anon else OK(5), "caller_id_not_allowed" if anon else "ok", cli="anonymous" if anon else None)
    L.label("caller_id_not_allowed", why="433 for anonymous callers only")


def _dest(prefixes, code, phrases, held, auth="407", acc=()):
    def f(L):
        tr = L.trunk(cause="destination_not_allowed", auth=auth)
        t, ph = 2, pick(L, phrases, held)
        for i in range(24):
            barred = L.rng.random() < .4 if i > 1 else i == 1
            num = L.number(L.rng.choice(prefixes), L.rng.choice([12, 13, 14])) if barred else L.number()
            L.call(t, tr, REF(code, ph) if barred else (OK(8) if L.rng.random() < .6 else L.background()), "destination_not_allowed" if barred else "ok", num=num)
            t += L.rng.uniform(2, 9)
        L.label("destination_not_allowed", ["destination_not_allowed"] + list(acc), ["wrong_password", "account_suspended"], "only these prefixes, with every caller")
    return f


SCENARIOS["dest_intl_403"] = (_dest(["01144", "01149", "011971"], 403, DENY, DENY_HELD), {})
SCENARIOS["dest_premium_603"] = (_dest(["1900"], 603, ["Decline", "Destination barred"], ["Premium numbers refused"], auth="none"), {})
SCENARIOS["dest_country_503"] = (_dest(["0044", "0033"], 503, ["No route", "Route Not Available"], ["No route to destination"], acc=["carrier_outage"]), {})
SCENARIOS["dest_404_country"] = (_dest(["01152"], 404, ["Destination not in rate plan", "No rate found"], ["Rate Not Found"], acc=["number_format"]), {})


@scenario
def dest_x_cli_mix(L):
    tr = L.trunk(cause="multiple", auth="407")
    tr.clis = [L.number() for _ in range(4)]
    bad = L.number()
    t = 2
    for i in range(60):
        r = L.rng.random()
        if r < .2:
            L.call(t, tr, REF(403, "Forbidden"), "destination_not_allowed", num=L.number("01144", 14))
        elif r < .4:
            L.call(t, tr, REF(403, "Forbidden"), "caller_id_not_allowed", cli=bad)
        else:
            L.call(t, tr, L.background())
        t += L.rng.uniform(2, 6)
    L.label("caller_id_not_allowed", ["caller_id_not_allowed"], ["wrong_password", "account_suspended"], "one caller barred, one country barred; the same code and phrase", {"destination_not_allowed": []})


# ---- limits ----------------------------------------------------------------------------------------------------------------------------
def _channels(code, phrase, held, limit, n, gap, hdrs=(), acc=(), hold=(20, 60)):
    def f(L):
        tr = L.trunk(cause="channel_limit", auth=L.rng.choice(["none", "407"]))
        ph, t, busy = pick(L, phrase, held), 2, []
        for i in range(n):
            busy = [e for e in busy if e > t]
            if len(busy) >= limit:
                L.call(t, tr, REF(code, ph, "post", hdrs), "channel_limit")
                t += gap * L.rng.uniform(.5, 1.5)
                continue
            d = L.call(t, tr, OK(L.rng.uniform(*hold)))
            busy.append(d["end"] - L.t0)
            t += gap * L.rng.uniform(.5, 1.5)
        L.label("channel_limit", ["channel_limit"] + list(acc), ["wrong_password", "account_suspended"], "refused whenever %d calls are up, accepted below" % limit)
    return f


SCENARIOS["channels_403_plain"] = (_channels(403, DENY[:2], DENY_HELD[:1], 4, 60, 5), {})
SCENARIOS["channels_503_plain"] = (_channels(503, [None], [None], 8, 80, 3, acc=()), {})
SCENARIOS["channels_503_retry_after"] = (_channels(503, ["Maximum Calls In Progress"], ["Capacity reached"], 6, 60, 4, [("Retry-After", "300")]), {})
SCENARIOS["channels_486_abuse"] = (_channels(486, ["Busy Here"], ["Busy Here"], 5, 80, 4, acc=["abnormal_outcomes", "unknown"]), {})
SCENARIOS["channels_480_phrase"] = (_channels(480, ["Channel limit exceeded", "No channels available"], ["Concurrent sessions exhausted", "Trunk group full"], 5, 60, 4), {})
SCENARIOS["channels_603"] = (_channels(603, ["Too many concurrent calls"], ["Simultaneous call quota"], 3, 40, 6), {})
SCENARIOS["channels_long"] = (_channels(403, ["Forbidden"], ["Forbidden"], 10, 400, 4, hold=(25, 70)), {})


def _rate(code, phrase, held, limit, hdrs=(), acc=()):
    def f(L):
        tr = L.trunk(cause="rate_limited", auth=L.rng.choice(["none", "407"]))
        ph, t = pick(L, phrase, held), 2.0
        for _ in range(8):
            used = 0
            for i in range(L.rng.choice([1, 2, limit + 5, limit + 8])):
                used += 1
                over = used > limit
                L.call(t + .02 * i, tr, REF(code, ph, "post", hdrs) if over else OK(L.rng.uniform(2, 5)), "rate_limited" if over else "ok")
            t += L.rng.uniform(12, 20)
        used = 0
        for i in range(limit + 6):
            L.call(t + .03 * i, tr, REF(code, ph, "post", hdrs) if i >= limit else OK(3), "rate_limited" if i >= limit else "ok")
        L.healthy(t + 20, tr, 10, gap=3)
        L.label("rate_limited", ["rate_limited", "channel_limit"] + list(acc), ["wrong_password", "account_suspended"], "more than %d INVITEs within one second are refused, single ones never; calls are short so concurrency also peaks: both" % limit)
    return f


SCENARIOS["rate_503_plain"] = (_rate(503, [None], [None], 5), {})
SCENARIOS["rate_403_plain"] = (_rate(403, ["Forbidden"], ["Forbidden"], 4), {})
SCENARIOS["rate_503_phrase"] = (_rate(503, ["CPS Limit reached", "Rate limit exceeded"], ["Calls per second quota exceeded", "Throttled"], 6, [("Retry-After", "1")]), {})
SCENARIOS["rate_480"] = (_rate(480, ["Call rate exceeded"], ["Too many call attempts per second"], 4), {})


@scenario
def rate_not_channels(L):
    tr = L.trunk(cause="rate_limited", auth="none")
    t = 2.0
    for _ in range(40):                       # concurrency grows to 40 without any refusal
        L.call(t, tr, OK(200))
        t += 1.5
    for b in range(6):
        for i in range(10):
            L.call(t + .03 * i, tr, REF(503) if i >= 5 else OK(4), "rate_limited" if i >= 5 else "ok")
        t += 40
    for _ in range(10):
        L.call(t, tr, OK(5))
        t += 3
    L.label("rate_limited", ["rate_limited"], ["wrong_password", "account_suspended"], "45 calls were up at good times; only bursts are refused")
