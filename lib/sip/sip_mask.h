/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip_mask - makes a message fit to be stored, shown or sent to a provider.
 *
 * In         A writable copy of the bytes of a message, of several, or of a part
 *            of one. They need not parse.
 * Out        The same length; secrets are overwritten with 'x':
 *            - in Authorization, Proxy-Authorization, WWW-Authenticate,
 *              Proxy-Authenticate, Authentication-Info and Proxy-Authentication-Info
 *              everything but the scheme and the parameters known to be harmless
 *              (realm, username, uri, algorithm, qop, nc, ...);
 *            - response, nonce, cnonce, nextnonce and rspauth anywhere else;
 *            - the password of a sip: or sips: URI.
 * Attitude   Fails closed: what cannot be told apart is overwritten, so that odd
 *            quoting hides too much and never too little.
 * Ownership  Borrows the bytes. Nothing is allocated.
 * Threads    No state.
 * Limits     Of more than 256 KiB the rest is overwritten without a look.
 * Cost       Three passes, linear in len; 32 KiB of stack.
 */
#ifndef SIP_SIP_MASK_H
#define SIP_SIP_MASK_H

#include <stddef.h>

void sip_mask(char *bytes, size_t len);

#endif
