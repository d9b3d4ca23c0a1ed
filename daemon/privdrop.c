/* SPDX-License-Identifier: BSD-2-Clause */
#include "privdrop.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int find_user(const char *name, struct privdrop *out, struct err *e)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL)
		return err_set(e, -ENOENT,
		    "never runs as root, and there is no user '%.40s' to become; create it "
		    "(systemd-sysusers) or name one with -u USER",
		    name);
	if (pw->pw_uid == 0)
		return err_set(
		    e, -EINVAL, "never runs as root; name another user with -u");
	(void)snprintf(out->user, sizeof(out->user), "%s", pw->pw_name);
	out->uid = pw->pw_uid;
	out->gid = pw->pw_gid;
	out->changes_user = true;
	return 0;
}

/* An ordinary user, perhaps with CAP_NET_RAW, stays who he is. */
static int find_unchanged(const char *user, struct err *e)
{
	struct privdrop named = {0};
	int rc;

	if (geteuid() != getuid())
		return err_set(e, -EPERM,
		    "must not be set-uid; grant the capability instead: setcap "
		    "cap_net_raw+ep /path/to/trunkwatchd");
	if (user == NULL)
		return 0;
	rc = find_user(user, &named, e);
	if (rc == 0 && named.uid != getuid())
		rc = err_set(
		    e, -EPERM, "-u %s: only root can become another user", named.user);
	return rc;
}

int privdrop_find(const char *user, bool is_live, struct privdrop *out, struct err *e)
{
	*out = (struct privdrop){.uid = getuid(), .gid = getgid()};
	if (getuid() != 0 || geteuid() != 0)
		return find_unchanged(user, e);
	if (user == NULL && !is_live)
		return 0;
	return find_user(user == NULL ? PRIVDROP_USER : user, out, e);
}

static int become(const struct privdrop *p, struct err *e)
{
	if (initgroups(p->user, p->gid) != 0)
		return err_set(e, -errno, "groups of %s: %s", p->user, strerror(errno));
	if (setresgid(p->gid, p->gid, p->gid) != 0)
		return err_set(
		    e, -errno, "become group of %s: %s", p->user, strerror(errno));
	if (setresuid(p->uid, p->uid, p->uid) != 0)
		return err_set(e, -errno, "become %s: %s", p->user, strerror(errno));
	return 0;
}

/* glibc has no wrapper, and these three calls are not worth a library. */
static int drop_capabilities(struct err *e)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[2] = {0};

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
		return err_set(e, -errno, "ambient capabilities: %s", strerror(errno));
	if (syscall(SYS_capset, &head, none) != 0)
		return err_set(e, -errno, "capabilities: %s", strerror(errno));
	return 0;
}

/* Needs CAP_SETPCAP, which only root has; for others no_new_privs does it. */
static void drop_bounding_set(void)
{
	for (unsigned long cap = 0; cap <= CAP_LAST_CAP; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

int privdrop_do(const struct privdrop *p, struct err *e)
{
	int rc = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_set(e, -errno, "no_new_privs: %s", strerror(errno));
	drop_bounding_set();
	if (p->changes_user)
		rc = become(p, e);
	if (rc == 0)
		rc = drop_capabilities(e);
	return rc < 0 ? rc : privdrop_verify(p, e);
}

static int verify_user(const struct privdrop *p, struct err *e)
{
	uid_t r, eff, saved;

	if (getresuid(&r, &eff, &saved) != 0 || r != p->uid || eff != p->uid ||
	    saved != p->uid)
		return err_set(e, -EPERM, "still another user than %s", p->user);
	if (setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0)
		return err_set(e, -EPERM, "could become root again");
	return 0;
}

static int verify_capabilities(struct err *e)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) != 0)
		return err_set(e, -errno, "capabilities: %s", strerror(errno));
	for (size_t i = 0; i < 2; i++) {
		if ((data[i].effective | data[i].permitted) != 0)
			return err_set(e, -EPERM, "capabilities are left");
	}
	return 0;
}

int privdrop_verify(const struct privdrop *p, struct err *e)
{
	int rc = verify_capabilities(e);
	int fd;

	if (rc == 0 && p->changes_user)
		rc = verify_user(p, e);
	if (rc < 0)
		return rc;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		(void)close(fd);
		return err_set(e, -EPERM, "could still open a packet socket");
	}
	return 0;
}
