/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "config_value.h"

enum { OPT_CHECK = 256, OPT_SAMPLE, OPT_LOCAL };

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check-config", no_argument, NULL, OPT_CHECK},
    {"print-config-sample", no_argument, NULL, OPT_SAMPLE},
    {"interface", required_argument, NULL, 'i'},
    {"read", required_argument, NULL, 'r'},
    {"database", required_argument, NULL, 'd'},
    {"user", required_argument, NULL, 'u'},
    {"port", required_argument, NULL, 'p'},
    {"local", required_argument, NULL, OPT_LOCAL},
    {"verbose", no_argument, NULL, 'v'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static struct slice text_of(const char *s)
{
	return slice_of(s, strlen(s));
}

static int add_name(
    const char **list, size_t *count, size_t max, const char *name, struct err *e)
{
	if (name[0] == '\0')
		return err_set(e, -EINVAL, "an empty name");
	if (*count == max)
		return err_set(e, -EINVAL, "more than %zu", max);
	list[(*count)++] = name;
	return 0;
}

/* "5060-5061,5080" */
static int add_ports(struct options *o, const char *text, struct err *e)
{
	struct slice rest = text_of(text), one;
	bool is_last = false;
	int rc = 0;

	while (rc == 0 && !is_last) {
		is_last = !slice_take_until(&rest, ',', &one);
		if (is_last)
			one = rest;
		if (o->ports.count == CONFIG_PORTS_MAX)
			return err_set(e, -EINVAL, "more than %d", CONFIG_PORTS_MAX);
		rc = config_port_range(
		    slice_trim(one), &o->ports.range[o->ports.count], e);
		o->ports.count += rc == 0;
	}
	return rc;
}

static int add_local(struct options *o, const char *text, struct err *e)
{
	if (o->local.count == CONFIG_LOCAL_MAX)
		return err_set(e, -EINVAL, "more than %d", CONFIG_LOCAL_MAX);
	if (!ip_net_parse(text_of(text), &o->local.net[o->local.count]))
		return err_set(e, -EINVAL,
		    "not an address or network such as 192.0.2.1 or 2001:db8::/32");
	o->local.count++;
	return 0;
}

static int set_once(const char **field, const char *value, struct err *e)
{
	if (*field != NULL)
		return err_set(e, -EINVAL, "given twice");
	if (value[0] == '\0')
		return err_set(e, -EINVAL, "an empty name");
	*field = value;
	return 0;
}

static int take(struct options *o, int opt, const char *value, struct err *e)
{
	switch (opt) {
	case 'c':
		return set_once(&o->config, value, e);
	case 'i':
		return add_name(o->interfaces, &o->interface_count,
		    CONFIG_INTERFACES_MAX, value, e);
	case 'r':
		return add_name(o->files, &o->file_count, OPTIONS_FILES_MAX, value, e);
	case 'd':
		return set_once(&o->database, value, e);
	case 'u':
		return set_once(&o->user, value, e);
	case 'p':
		return add_ports(o, value, e);
	case OPT_LOCAL:
		return add_local(o, value, e);
	case 'v':
		o->verbose++;
		return 0;
	case 'V':
		o->action = OPTIONS_VERSION;
		return 0;
	case 'h':
		o->action = OPTIONS_HELP;
		return 0;
	case OPT_CHECK:
		o->action = OPTIONS_CHECK_CONFIG;
		return 0;
	default:
		o->action = OPTIONS_PRINT_SAMPLE;
		return 0;
	}
}

static const char *option_name(int opt)
{
	for (const struct option *o = long_options; o->name != NULL; o++) {
		if (o->val == opt)
			return o->name;
	}
	return "?";
}

/* getopt says "unknown" and "argument missing" with the same '?', unless the
 * short options begin with a colon. */
static int fail_getopt(char **argv, int opt, struct err *e)
{
	const char *word = argv[optind - 1];

	if (opt == ':')
		return err_set(
		    e, -EINVAL, "option '%.60s' needs a value; try --help", word);
	if (optopt != 0 && optopt < OPT_CHECK && word[1] != '-')
		return err_set(e, -EINVAL, "unknown option '-%c'; try --help", optopt);
	return err_set(e, -EINVAL, "unknown option '%.60s'; try --help", word);
}

int options_parse(int argc, char **argv, struct options *out, struct err *e)
{
	struct options o = {0};
	int opt;

	opterr = 0; /* one line, and ours */
	optind = 0; /* GNU: start over, tests parse more than once */
	while ((opt = getopt_long(
		    argc, argv, ":c:i:r:d:u:p:vVh", long_options, NULL)) != -1) {
		if (opt == '?' || opt == ':')
			return fail_getopt(argv, opt, e);
		if (take(&o, opt, optarg, e) < 0)
			return err_wrap(e, "--%s %.60s", option_name(opt), optarg);
	}
	if (optind < argc)
		return err_set(e, -EINVAL, "unexpected argument '%.60s'; try --help",
		    argv[optind]);
	if (o.file_count > 0 && o.interface_count > 0)
		return err_set(e, -EINVAL, "-i and -r exclude each other");
	*out = o;
	return 0;
}

int options_apply(const struct options *o, struct config *c, struct err *e)
{
	for (size_t i = 0; i < o->interface_count; i++) {
		if (strlen(o->interfaces[i]) >= CONFIG_NAME_MAX)
			return err_set(e, -EINVAL, "-i %.60s: the name is too long",
			    o->interfaces[i]);
		(void)snprintf(
		    c->interfaces.name[i], CONFIG_NAME_MAX, "%s", o->interfaces[i]);
		c->interfaces.count = i + 1;
	}
	if (o->database != NULL) {
		if (strlen(o->database) >= CONFIG_PATH_MAX)
			return err_set(e, -EINVAL, "-d: the path is too long");
		(void)snprintf(c->database, sizeof(c->database), "%s", o->database);
	}
	if (o->ports.count > 0)
		c->ports = o->ports;
	for (size_t i = 0; i < o->local.count; i++) {
		if (c->local.count == CONFIG_LOCAL_MAX)
			return err_set(e, -EINVAL,
			    "--local: more than %d with those of the "
			    "configuration",
			    CONFIG_LOCAL_MAX);
		c->local.net[c->local.count++] = o->local.net[i];
	}
	return 0;
}

void options_print_help(FILE *out)
{
	(void)fputs(
	    "usage: trunkwatchd [-c FILE] [-i IFACE]... [-d DB]          watch the network\n"
	    "       trunkwatchd [-c FILE] -r FILE.pcap [-d DB]           read a capture file\n"
	    "       trunkwatchd [-c FILE] --check-config\n"
	    "\n"
	    "Watches SIP trunks without sending a packet and writes every refused call, with\n"
	    "what refused it and why, to an SQLite database. `trunkwatch` shows it.\n"
	    "\n"
	    "  -c, --config FILE       configuration (" CONFIG_FILE_DEFAULT ")\n"
	    "      --check-config      say whether the configuration is good, and exit\n"
	    "      --print-config-sample\n"
	    "                          write a commented configuration with every default\n"
	    "  -i, --interface IFACE   device to listen on; again for more (default: any)\n"
	    "  -r, --read FILE         read a pcap or pcapng file (also gzip), '-' for\n"
	    "                          standard input; again for more, merged by time\n"
	    "  -d, --database DB       database (/var/lib/trunkwatch/trunkwatch.db)\n"
	    "  -u, --user USER         whom to become when started as root (trunkwatch)\n"
	    "  -p, --port PORTS        SIP ports: 5060-5061,5080 (a file: any port)\n"
	    "      --local ADDR        our own address or network; again for more\n"
	    "  -v, --verbose           say more\n"
	    "  -V, --version           version\n"
	    "  -h, --help              this text\n"
	    "\n"
	    "Examples:\n"
	    "  trunkwatchd -i eth0 -p 5060-5080          one device, more ports\n"
	    "  trunkwatchd -r monday.pcap -d monday.db   a capture file into its own database\n"
	    "  trunkwatch failures -d monday.db          ... and what was refused in it\n"
	    "  tcpdump -i eth0 -w - port 5060 | trunkwatchd -r - -d now.db\n"
	    "\n"
	    "Exit status: 0 done, 1 the device went away, 64 usage, 65 bad input data,\n"
	    "66 cannot open input, 69 database unavailable, 78 bad configuration.\n",
	    out);
}
