#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Scenarios for the diagnosis, each with its cause and, in a few seeds, in several dialects.

        scenarios.py FOLDER [NAME-PREFIX]      writes NAME.pcap and NAME.truth.json for score.py

Where the wire allows more than one cause, all that an expert with only this capture would
accept stand in `also`, and the description says why.
"""
import sys

from sim import DIALECTS, Lab

BAD = ["wrong_password", "wrong_username"]
ALL = []


def scenario(cause, also=(), dialects=("kamailio", "acme", "vos"), must_not=(), ours="203.0.113.77", ua="Asterisk PBX 16.30.1-vici"):
    def add(play):
        for i, d in enumerate(dialects):
            ALL.append((play.__name__ + "_" + d, play, cause, also, d, must_not, ours, ua, i))
        return play
    return add


def number(lab):
    return "1%s555%04d" % (lab.rnd.choice(["212", "305", "415", "713"]), lab.rnd.randrange(10000))


def good(lab, t, n=5, **more):
    for _ in range(n):
        lab.call(t, number(lab), **more)


def mixed_day(lab, t, n, p=0.25, **more):
    """Ordinary life: most calls answered, the rest busy, away, declined, unassigned, cancelled."""
    for _ in range(n):
        if lab.rnd.random() > p:
            lab.call(t, number(lab), **more)
            continue
        code, phrase, after = lab.rnd.choice([(486, "Busy Here", None), (480, "Temporarily Unavailable", "ring"), (603, "Decline", "ring"),
                                              (404, "Not Found", None), (487, "", "cancel")])
        if after == "cancel":
            lab.call(t, number(lab), cause="normal_outcome", after="ring", cancel=2.0, final=200, **more)
        else:
            lab.call(t, number(lab), code, phrase, cause="normal_outcome", after=after, ring=(180,),
                     hdr=[("Reason", 'Q.850;cause=%d' % {486: 17, 480: 19, 603: 21, 404: 1}[code])], **more)


# --- our credentials ---

@scenario("wrong_password", ["wrong_username"], ("kamailio", "asterisk", "cube", "terse"), ["ip_not_allowed"])
def password_403(lab, t):
    for _ in range(4):
        lab.call(t, number(lab), 403, lab.rnd.choice(["Forbidden"]), cause="wrong_password", password="typo")


@scenario("wrong_password", ["wrong_username"], ("opensips", "ribbon", "freeswitch"))
def password_challenged_again(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), None, cause="wrong_password", password="typo", rechallenge=3)


@scenario("wrong_password", ["wrong_username"], ("kamailio", "cube"))
def password_phrase_lies(lab, t):
    lab.register(t, 403, "Forbidden", cause="wrong_password", password="typo")
    for _ in range(3):
        lab.call(t, number(lab), 403, "Access denied", cause="wrong_password", password="typo")


@scenario("wrong_password", ["wrong_username"], ("vos", "acme"))
def password_says_auth_failed(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), 403, "Authentication Failed", cause="wrong_password", password="typo")


@scenario("wrong_password", ["wrong_username"], ("kamailio", "asterisk"))
def password_register_only(lab, t):
    for _ in range(3):
        lab.register(t, None, cause="wrong_password", password="typo", rechallenge=1, wait=20)


@scenario("wrong_password", ["wrong_username"], ("freeswitch",))
def password_register_403_repeated(lab, t):
    for _ in range(6):
        lab.register(t, 403, "Forbidden", cause="wrong_password", password="typo", wait=20)


@scenario("wrong_username", ["wrong_password"], ("asterisk", "ribbon"))
def username_404(lab, t):
    lab.register(t, 404, "Not Found", cause="wrong_username")
    for _ in range(2):
        lab.call(t, number(lab), 404, "Not Found", cause="wrong_username")


@scenario("wrong_password", ["wrong_username"], ("kamailio", "acme"))
def password_one_call(lab, t):
    lab.call(t, number(lab), 403, "Forbidden", cause="wrong_password", password="typo")


@scenario("wrong_password", ["wrong_username", "account_suspended", "locked_out"], ("kamailio",))
def password_changed_midway(lab, t):
    """The provider changed the password: the same digests, refused from one moment on; a
    suspension looks the same."""
    good(lab, t, 5)
    for _ in range(5):
        lab.call(t, number(lab), None, cause="wrong_password", rechallenge=3)


@scenario("from_header_mismatch", ["wrong_username", "caller_id_not_allowed"], ("kamailio", "vos", "cube"))
def from_not_account(lab, t):
    lab.register(t)
    for _ in range(4):
        lab.call(t, number(lab), 403, "Forbidden", cause="from_header_mismatch", caller="1212555%04d" % lab.rnd.randrange(10000))


@scenario("from_header_mismatch", ["wrong_username"], ("opensips",))
def from_said(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), 403, "Authentication username mismatch", cause="from_header_mismatch", caller="12125550100")


@scenario("stale_nonce_loop", (), ("opensips", "ribbon"))
def stale_for_ever(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), None, cause="stale_nonce_loop", rechallenge=3, stale=True)


@scenario("unsupported_algorithm", (), ("freeswitch", "cube"))
def sha512_only(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), None, cause="unsupported_algorithm", answer_challenge=False, alg="SHA-512-256")


@scenario("no_credentials", ["ip_not_allowed"], ("acme", "ribbon"))
def never_answers_challenge(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), None, cause="no_credentials", answer_challenge=False, challenged=True)


@scenario("locked_out", ["blocked_after_success", "ip_not_allowed", "wrong_password", "wrong_username"], ("kamailio",))
def locked_after_failures(lab, t):
    """Six refused logins, then 403 without a challenge."""
    for _ in range(6):
        lab.register(t, 403, "Forbidden", cause="wrong_password", password="typo", wait=10)
    for _ in range(4):
        lab.register(t, 403, "Forbidden", cause="locked_out", challenged=False, wait=10)


# --- our address ---

@scenario("ip_not_allowed", (), ("kamailio", "acme", "terse", "cube"), BAD)
def ip_403(lab, t):
    lab.options(t)
    for _ in range(3):
        lab.call(t, number(lab), 403, "Forbidden", cause="ip_not_allowed", challenged=False)


@scenario("ip_not_allowed", (), ("vos", "opensips"), BAD)
def ip_says_credentials(lab, t):
    """The provider speaks of authentication, but never asked for any (OVH)."""
    for _ in range(3):
        lab.call(t, number(lab), 403, "authentication failed", cause="ip_not_allowed", challenged=False)


@scenario("ip_not_allowed", (), ("ribbon",), BAD)
def ip_warning(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), 403, "Forbidden", cause="ip_not_allowed", challenged=False, hdr=[
            ("Warning", '399 %s "Originating Endpoint is not configured or registered on system. Check provisioning of %s"' % (t.ip, lab.ours))])


@scenario("ip_not_allowed", (), ("freeswitch", "acme"), BAD)
def ip_trying_first(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), 403, "IP not in whitelist", cause="ip_not_allowed", challenged=False, trying=True)


@scenario("ip_not_allowed", ["wrong_realm"], ("cube",), BAD)
def ip_401_only(lab, t):
    t.ip_auth = True
    for _ in range(3):
        lab.call(t, number(lab), 401, "Unauthorized", cause="ip_not_allowed", challenged=False)


@scenario("ip_not_allowed", ["public_ip_changed"], ("acme", "terse"), BAD)
def ip_changed(lab, t):
    t.ip_auth = True
    good(lab, t, 6, challenged=False)
    lab.seen = "198.18.77.9"
    for _ in range(5):
        lab.call(t, number(lab), 403, "Forbidden", cause="ip_not_allowed", challenged=False)


@scenario("blocked_after_success", ["account_suspended"], ("kamailio", "freeswitch"), BAD)
def blocked_403(lab, t):
    good(lab, t, 12)
    for _ in range(8):
        lab.call(t, number(lab), 403, "Forbidden", cause="blocked_after_success", challenged=False)


@scenario("blocked_after_success", ["no_response", "carrier_outage"], ("kamailio",), BAD)
def blocked_silence(lab, t):
    good(lab, t, 12)
    for _ in range(4):
        lab.call(t, number(lab), None, cause="blocked_after_success", challenged=False)
        lab.options(t, None)


@scenario("not_registered", ["registration_not_allowed"], ("vos", "opensips"), BAD)
def not_registered_said(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), 403, "Not Registered", cause="not_registered", challenged=False)


# --- our account ---

@scenario("account_suspended", (), ("kamailio", "cube", "acme"), BAD)
def suspended(lab, t):
    good(lab, t, 6)
    for _ in range(6):
        lab.call(t, number(lab), 403, "Forbidden", cause="account_suspended")


@scenario("account_suspended", (), ("vos", "opensips"), BAD)
def suspended_said(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), 403, "Account Disabled", cause="account_suspended")


@scenario("account_suspended", (), ("kamailio",), BAD)
def suspended_long_history(lab, t):
    lab.register(t)
    mixed_day(lab, t, 150, wait=3)
    for _ in range(20):
        lab.call(t, number(lab), 403, "Forbidden", cause="account_suspended", wait=3)


@scenario("account_suspended", (), ("acme",), BAD)
def suspended_twice(lab, t):
    for _ in range(2):
        good(lab, t, 8)
        for _ in range(6):
            lab.call(t, number(lab), 403, "Forbidden", cause="account_suspended")
    good(lab, t, 4)


@scenario("payment_required", (), ("vos", "freeswitch", "terse"), BAD)
def funds_402(lab, t):
    good(lab, t, 3)
    for _ in range(4):
        lab.call(t, number(lab), 402, "Payment Required", cause="payment_required", hdr=[("Reason", 'Q.850;cause=21;text="Call Rejected"')])


@scenario("payment_required", ["account_suspended"], ("vos", "acme", "ribbon"), BAD)
def funds_phrases(lab, t):
    good(lab, t, 3)
    for code, phrase in ((503, "Funds Required"), (403, "Insufficient credit"), (603, "Balance Insufficient"), (403, "Not enough balance")):
        lab.call(t, number(lab), code, phrase, cause="payment_required")


@scenario("registration_not_allowed", ["ip_not_allowed"], ("acme", "cube"), BAD)
def register_unwanted(lab, t):
    t.ip_auth = True
    for _ in range(4):
        lab.register(t, 403, "Forbidden", cause="registration_not_allowed", challenged=False)
        lab.call(t, number(lab), challenged=False)


@scenario("caller_id_not_allowed", (), ("kamailio", "acme", "cube"), BAD)
def caller_some(lab, t):
    t.from_user = t.user
    mine, other = ["12125550100", "12125550101", "12125550102"], ["18005559911", "18885559922", "18775559933"]
    for i in range(24):
        bad = i % 4 == 3
        lab.call(t, number(lab), 403 if bad else 200, "Forbidden" if bad else "OK", pai=lab.rnd.choice(other if bad else mine),
                 cause="caller_id_not_allowed" if bad else "ok")


@scenario("caller_id_not_allowed", (), ("vos", "opensips", "freeswitch"), BAD)
def caller_said(lab, t):
    t.from_user = t.user
    for i in range(8):
        bad = i % 2
        lab.call(t, number(lab), 403 if bad else 200, "Caller Origination Number is Invalid D35" if bad else "OK",
                 pai="anonymous" if bad else "12125550100", cause="caller_id_not_allowed" if bad else "ok")


@scenario("caller_id_not_allowed", (), ("ribbon",), BAD)
def caller_433(lab, t):
    for i in range(6):
        bad = i % 2
        lab.call(t, number(lab), 433 if bad else 200, "Anonymity Disallowed" if bad else "OK", caller="anonymous" if bad else None,
                 cause="caller_id_not_allowed" if bad else "ok")


@scenario("caller_id_not_allowed", (), ("acme",), BAD)
def caller_ip_trunk(lab, t):
    t.ip_auth = True
    for i in range(20):
        bad = i % 5 == 2
        lab.call(t, number(lab), 403 if bad else 200, "Forbidden" if bad else "OK", caller="4930%06d" % lab.rnd.randrange(10**6) if bad else
                 "1415555%04d" % lab.rnd.randrange(10000), cause="caller_id_not_allowed" if bad else "ok", challenged=False)


@scenario("destination_not_allowed", (), ("kamailio", "cube", "acme"), BAD)
def destination_some(lab, t):
    for i in range(24):
        bad = i % 4 == 1
        lab.call(t, lab.rnd.choice(["01144207946", "0118829900", "01153712345"]) + "%04d" % lab.rnd.randrange(10000) if bad else number(lab),
                 403 if bad else 200, "Forbidden" if bad else "OK", cause="destination_not_allowed" if bad else "ok")


@scenario("destination_not_allowed", (), ("vos", "freeswitch"), BAD)
def destination_said(lab, t):
    for i in range(8):
        bad = i % 2
        lab.call(t, "01144207946%04d" % i if bad else number(lab), 403 if bad else 200, "No International Permission" if bad else "OK",
                 cause="destination_not_allowed" if bad else "ok")


@scenario("destination_not_allowed", ["carrier_outage"], ("ribbon",), BAD)
def destination_503(lab, t):
    for i in range(20):
        bad = i % 4 == 1
        lab.call(t, "0119221%06d" % lab.rnd.randrange(10**6) if bad else number(lab), 503 if bad else 200,
                 "Service Unavailable" if bad else "OK", cause="destination_not_allowed" if bad else "ok", hdr=[
                     ("Reason", "Q.850;cause=34")] if bad else [])


def fill(lab, t, limit, refusal, cause, rounds=3, extra=6, talk=30, spacing=0.7):
    """Calls pile up until the limit; those beyond it are refused; then all hang up."""
    for _ in range(rounds):
        start = lab.t
        for i in range(limit + extra):
            at = lab.t
            if i < limit:
                lab.call(t, number(lab), talk=talk, wait=0)
            else:
                lab.call(t, number(lab), *refusal, cause=cause, wait=0)
            lab.t = at + spacing + lab.rnd.random() * 0.2
        lab.t = start + talk + 40


@scenario("channel_limit", (), ("kamailio", "acme", "opensips"), BAD)
def channels_403(lab, t):
    fill(lab, t, 10, (403, "Forbidden"), "channel_limit")


@scenario("channel_limit", ["carrier_outage"], ("cube", "vos"), BAD)
def channels_503(lab, t):
    fill(lab, t, 8, (503, "Service Unavailable"), "channel_limit", extra=5)


@scenario("channel_limit", (), ("freeswitch",), BAD)
def channels_said(lab, t):
    fill(lab, t, 6, (503, "Maximum Calls In Progress"), "channel_limit", rounds=1)


@scenario("rate_limited", (), ("freeswitch", "cube"), BAD)
def rate_said(lab, t):
    for _ in range(4):
        for i in range(12):
            at = lab.t
            bad = i >= 8
            lab.call(t, number(lab), 503 if bad else 200, "CPS Limit reached" if bad else "OK", cause="rate_limited" if bad else "ok", wait=0)
            lab.t = at + 0.05
        lab.t += 10


@scenario("rate_limited", ["channel_limit"], ("kamailio", "acme"), BAD)
def rate_bursts(lab, t):
    """Five a second pass, whatever is up; single calls in between pass too."""
    for _ in range(8):
        for i in range(14):
            at = lab.t
            bad = i >= 5
            lab.call(t, number(lab), 503 if bad else 200, "Service Unavailable" if bad else "OK", cause="rate_limited" if bad else "ok",
                     wait=0, talk=40, hdr=[("Retry-After", "1")] if bad else [])
            lab.t = at + 0.04
        lab.t += 4
        good(lab, t, 2, talk=2)
        lab.t += 6


@scenario("stir_shaken", (), ("ribbon", "acme"), BAD)
def stir_codes(lab, t):
    for code, phrase in ((428, "Use Identity Header"), (438, "Invalid Identity Header"), (436, "Bad Identity Info")):
        lab.call(t, number(lab), code, phrase, cause="stir_shaken")


@scenario("analytics_blocked", ["caller_id_not_allowed"], ("ribbon", "cube"), BAD)
def analytics(lab, t):
    for i in range(12):
        bad = i % 3 == 1
        lab.call(t, number(lab), 603 if bad else 200, "Network Blocked" if bad else "OK", cause="analytics_blocked" if bad else "ok",
                 hdr=[("Reason", 'Q.850;cause=21;text="v=analytics1;url=https://redress.example;tel=+18005550100"')] if bad else [])


@scenario("analytics_blocked", ["caller_id_not_allowed"], ("acme",), BAD)
def analytics_607(lab, t):
    for i in range(6):
        bad = i % 2
        lab.call(t, number(lab), 607 if bad else 200, "Unwanted" if bad else "OK", cause="analytics_blocked" if bad else "ok")


# --- our request ---

@scenario("number_format", ["destination_not_allowed"], ("kamailio", "cube", "vos"), BAD)
def format_484(lab, t):
    for i in range(8):
        lab.call(t, "+" + number(lab) if i % 2 else number(lab)[1:], 200 if i % 2 else 484, "OK" if i % 2 else "Address Incomplete",
                 cause="ok" if i % 2 else "number_format")


@scenario("number_format", ["destination_not_allowed"], ("acme", "ribbon"), BAD)
def format_404(lab, t):
    for i in range(16):
        bad = i % 2
        lab.call(t, "9" + number(lab) if bad else number(lab), 404 if bad else 200, "Not Found" if bad else "OK",
                 cause="number_format" if bad else "ok", hdr=[("Reason", "Q.850;cause=28")] if bad else [])


@scenario("codec_rejected", (), ("cube", "terse"), BAD)
def codec(lab, t):
    for code, phrase in ((488, "Not Acceptable Here"), (488, "Not Acceptable Media"), (415, "Unsupported Media Type")):
        lab.call(t, number(lab), code, phrase, cause="codec_rejected", codecs="18 101")


@scenario("malformed_request", (), ("acme",), BAD)
def malformed(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), 400, "Bad Contact header", cause="malformed_request", challenged=False)


@scenario("loop_detected", (), ("opensips",), BAD)
def loop(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), 483, "Too Many Hops", cause="loop_detected")


# --- the provider or the network ---

@scenario("carrier_outage", (), ("kamailio", "cube", "acme", "vos"), BAD)
def outage(lab, t):
    good(lab, t, 5)
    code, phrase = {"kamailio": (500, "Server Internal Error"), "cube": (503, "Service Unavailable"), "acme": (502, "Bad Gateway"),
                    "vos": (504, "Server Time-out")}[next(k for k in DIALECTS if DIALECTS[k] is t.d)]
    for _ in range(8):
        lab.call(t, number(lab), code, phrase, cause="carrier_outage")
    good(lab, t, 3)


@scenario("carrier_outage", (), ("ribbon",), BAD)
def outage_from_start(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), 503, "Service Unavailable", cause="carrier_outage", hdr=[("Reason", "Q.850;cause=41")])


@scenario("no_response", ["blocked_after_success", "ip_not_allowed"], ("kamailio",), BAD)
def silent(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), None, cause="no_response", challenged=False)


@scenario("no_response", (), ("kamailio",), BAD)
def silent_after_challenge(lab, t):
    """The credentialed INVITE is larger: a fragment filter eats it."""
    for _ in range(3):
        lab.call(t, number(lab), None, cause="no_response")


# --- nothing is wrong ---

@scenario("ok", ["normal_outcome"], ("kamailio", "cube", "acme", "terse", "freeswitch"))
def ordinary_day(lab, t):
    lab.register(t)
    for _ in range(4):
        mixed_day(lab, t, 25)
        lab.options(t)
    lab.register(t)


@scenario("ok", ["normal_outcome"], ("ribbon", "vos"))
def ordinary_day_ip(lab, t):
    t.ip_auth = True
    lab.options(t, 404, "Not Found")
    mixed_day(lab, t, 60, 0.4)


@scenario("ok", ["normal_outcome"], ("cube",))
def early_media_then_away(lab, t):
    for i in range(20):
        lab.call(t, number(lab), *([(480, "Temporarily Unavailable"), (486, "Busy Here"), (603, "Declined"), (200, "OK"), (404, "Not Found")][i % 5]),
                 ring=(183,), after="ring", cause="ok" if i % 5 == 3 else "normal_outcome")


@scenario("ok", ["normal_outcome"], ("opensips",))
def interval_and_stale(lab, t):
    lab.register(t, 423, "Interval Too Brief", cause="interval_too_brief", hdr=[("Min-Expires", "300")])
    lab.register(t)
    lab.register(t, rechallenge=1, stale=True)
    good(lab, t, 3)


@scenario("ok", ["normal_outcome"], ("kamailio",))
def redirected(lab, t):
    for _ in range(3):
        lab.call(t, number(lab), 302, "Moved Temporarily", cause="normal_outcome", hdr=[("Contact", "<sip:x@%s>" % t.ip)])
        good(lab, t, 2)


@scenario("scanner_attack", ["ok"], ("kamailio",), BAD)
def scanned(lab, t):
    lab.register(t)
    good(lab, t, 3)
    lab.scan(60)
    lab.scan(20, "192.0.2.201", "Avaya IP Phone 1120E", "INVITE", 401)
    lab.scan(20, "192.0.2.202", "", "OPTIONS", 404)
    good(lab, t, 3)


@scenario("inbound_rejected_by_us", (), ("kamailio", "acme"), BAD)
def inbound_404(lab, t):
    good(lab, t, 2)
    lab.inbound(t, "12125550150")
    for _ in range(3):
        lab.inbound(t, "12125550199", final=404, phrase="Not Found", cause="inbound_rejected_by_us")


@scenario("inbound_rejected_by_us", (), ("cube",), BAD)
def inbound_488(lab, t):
    good(lab, t, 2)
    for _ in range(3):
        lab.inbound(t, "12125550150", final=488, phrase="Not acceptable here", cause="inbound_rejected_by_us")


# --- several trunks, several causes ---

def two(lab, first, second, d="kamailio"):
    return (lab.trunk("sip.one.example", "198.51.100.61", d, user="one01"), lab.trunk("voip.two.example", "198.51.100.62", second, user="two02"))


@scenario("wrong_password", ["wrong_username"], ("cube",), ["ip_not_allowed"])
def beside_a_good_trunk(lab, t):
    other = lab.trunk("good.example", "198.51.100.90", "acme", user="fine")
    lab.ok_trunks = [other.name]
    for _ in range(4):
        lab.call(t, number(lab), 403, "Forbidden", cause="wrong_password", password="typo", wait=0.2)
        lab.call(other, number(lab), wait=0.3)


@scenario("account_suspended", (), ("kamailio",), BAD)
def one_of_two_accounts(lab, t):
    other = lab.trunk(t.host, t.ip, "kamailio", user="acct2002", name="second")
    lab.ok_trunks = [other.name]
    good(lab, t, 3)
    for _ in range(5):
        lab.call(t, number(lab), 403, "Forbidden", cause="account_suspended", wait=0.2)
        lab.call(other, number(lab), wait=0.3)


def play(name, f, cause, also, dialect, must_not, ours, ua, seed, folder):
    lab = Lab(name, seed, ours, ua, (f.__doc__ or f.__name__).strip())
    lab.ok_trunks = []
    t = lab.trunk("sip.%s.example" % lab.rnd.choice(["carrier", "voicenet", "telco", "trunkline"]), "198.51.100.%d" % lab.rnd.randrange(10, 60),
                  dialect, user=lab.rnd.choice(["acct1001", "5559876", "c-77-main", "12125557700"]))
    f(lab, t)
    lab.write(folder, cause, also, must_not, {n: "ok" for n in lab.ok_trunks})


def main():
    folder, prefix = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    for row in ALL:
        if row[0].startswith(prefix):
            play(*row, folder)


if __name__ == "__main__":
    main()
