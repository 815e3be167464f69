// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commits what one command changes, at the cost of what it changes.
 *
 * A copy of the slice is made in a tree of its own, edited and validated by libyang there, and
 * compared with what the running configuration has.  Then it takes its place in the candidate, so
 * that the callbacks see the whole configuration as it is about to be: if they refuse it, what was
 * there comes back.  Once they have applied it a copy goes into the running configuration, unless
 * both have the same tree (netstack_candidate.h).
 *
 * Entries are found by libyang's hashes and no path is evaluated on the way of the commonest change,
 * a new entry: a line costs the same in a stack of 100,000 routes.
 *
 * Leafs that have their default are not put into the trees, where libfrr does so: they are nearly half of
 * what a route takes.  Who reads a leaf that has one asks netstack_leaf_or_default().  What libfrr
 * commits has all of them, and neither minds the other's.
 */

#include <zebra.h>

#include "northbound.h"
#include "northbound_cli.h"
#include "vty.h"
#include "yang.h"

#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_diff.h"
#include "netstackd/netstack_slice.h"
#include "netstackd/netstack_tree.h"
#include "netstackd/netstack_validate.h"
#include "netstackd/netstack_value.h"

enum scope {
	SCOPE_STACK, /* all of the stack, or its coming and going */
	SCOPE_HEAD,  /* the settings that are in no list */
	SCOPE_ENTRY, /* an entry of a list */
};

/* Of a list of the model. */
#define KEYS_MAX 4

/* Nodes of one parent: the stack, or its head, or the entry. */
#define PARTS_MAX 8

struct parts {
	struct lyd_node *parent; /* NULL: there is none */
	struct lyd_node *node[PARTS_MAX];
	size_t count;
};

struct slice {
	struct vty *vty;
	const char *base; /* what changes are relative to; "": nothing */
	char stack[NETSTACK_NAME_MAX + 1];
	enum scope scope;
	char list[32];		 /* of the entry: "route" */
	char keys[XPATH_MAXLEN]; /* of the entry: "[prefix='10.0.0.0/8'][next-hop='blackhole']…" */
	bool vanishes;		 /* the stack or the entry is destroyed, and that is all */
	bool is_replaced;	 /* the entry is to be what the changes say, whatever it was */
	bool is_one_tree;	 /* the candidate's tree is that of the running configuration */

	struct parts in_candidate;
	struct parts in_running;
	struct parts to_be; /* in the tree `after`, then in the candidate */
	struct nb_config after;
	struct nb_config before; /* what changes or goes, if it has no other tree; NULL: it has */
	struct nb_config_cbs changes;
};

/*
 * The tree in which entries are made and validated: a stack with nothing but defaults.  The next
 * command mostly is of the same stack.
 */
static struct {
	char name[NETSTACK_NAME_MAX + 1];
	struct lyd_node *tree;
	struct lyd_node *stack;
} bench;

/* ------------------------------------------------------------------------------------------
 * Where the changes are
 */

/* Behind the predicates that begin here, if any: "[a='x'][b='y']/c" gives "/c". */
static const char *skip_predicates(const char *p)
{
	while (*p == '[') {
		p += strcspn(p, "]'\"");
		while (*p == '\'' || *p == '"') {
			p = strchrnul(p + 1, *p);
			p += !!*p;
			p += strcspn(p, "]'\"");
		}
		p += !!*p;
	}
	return p;
}

/*
 * The slice that a path leads into.  Returns what of the path is below the stack or the entry, ""
 * if it leads to that itself; NULL: it leads to no stack.
 */
static const char *locate(const char *xpath, struct slice *at)
{
	const char *start, *end, *rest;

	at->scope = SCOPE_STACK;
	at->list[0] = at->keys[0] = '\0';
	if (!netstack_xpath_name(xpath, at->stack, sizeof(at->stack)))
		return NULL;
	rest = skip_predicates(strchr(xpath, '['));
	if (*rest != '/')
		return rest;
	start = rest + 1;
	end = start + strcspn(start, "[/");
	at->scope = SCOPE_HEAD;
	if (*end != '[')
		return rest;
	rest = skip_predicates(end);
	if ((size_t)(end - start) >= sizeof(at->list) || (size_t)(rest - end) >= sizeof(at->keys))
		return NULL;
	at->scope = SCOPE_ENTRY;
	strlcpy(at->list, start, end - start + 1);
	strlcpy(at->keys, end, rest - end + 1);
	return rest;
}

/* The whole path of a change. */
static const char *path_of(const struct slice *slice, const struct nb_cfg_change *change, char *buf,
			   size_t len)
{
	if (change->xpath[0] != '.')
		return change->xpath;
	snprintf(buf, len, "%s%s", slice->base, change->xpath + 1);
	return buf;
}

/* Extends the slice by that of one more change. */
static void join(struct slice *slice, const struct slice *at)
{
	if (slice->scope != at->scope || !strmatch(slice->list, at->list) ||
	    !strmatch(slice->keys, at->keys))
		slice->scope = SCOPE_STACK;
}

static bool is_destroyed(const struct nb_cfg_change *change, const char *rest)
{
	return !*rest && change->operation == NB_OP_DESTROY;
}

/* The slice that all changes are in; false: there is none such. */
static bool find_scope(struct slice *slice)
{
	struct vty *vty = slice->vty;
	char buf[2 * XPATH_MAXLEN];
	struct slice at;

	for (size_t i = 0; i < vty->num_cfg_changes; i++) {
		const struct nb_cfg_change *change = &vty->cfg_changes[i];
		const char *path = path_of(slice, change, buf, sizeof(buf));
		const char *rest = locate(path, i ? &at : slice);

		if (!rest || (i && !strmatch(slice->stack, at.stack)))
			return false;
		if (i)
			join(slice, &at);
		if (!i && !*rest && change->operation == NB_OP_REPLACE)
			slice->is_replaced = true;
		if (is_destroyed(change, rest) && vty->num_cfg_changes == 1)
			slice->vanishes = true;
		else if (is_destroyed(change, rest) || (i && change->operation == NB_OP_REPLACE))
			slice->scope = SCOPE_STACK;
	}
	return vty->num_cfg_changes > 0;
}

/* ------------------------------------------------------------------------------------------
 * Parts of trees
 */

static bool is_part(const struct slice *slice, const struct lysc_node *schema)
{
	if (slice->scope == SCOPE_STACK)
		return strmatch(schema->name, "stack");
	return !(schema->nodetype & LYS_LIST) && !lysc_is_key(schema) &&
	       (schema->flags & LYS_CONFIG_W);
}

/* What of the stack or its head the parent has. */
static void find_parts(const struct slice *slice, struct lyd_node *parent, struct parts *parts)
{
	const char *keys = slice->scope == SCOPE_STACK ? slice->keys : NULL;
	const struct lysc_node *schema = NULL;
	struct lyd_node *node;

	parts->parent = parent;
	parts->count = 0;
	while (parent && (schema = lys_getnext(schema, parent->schema, NULL, 0))) {
		if (!is_part(slice, schema) ||
		    lyd_find_sibling_val(lyd_child(parent), schema, keys, 0, &node) != LY_SUCCESS)
			continue;
		assert(parts->count < PARTS_MAX);
		parts->node[parts->count++] = node;
	}
}

/* The entry with the same keys as this one. */
static void find_same(const struct lyd_node *entry, struct lyd_node *parent, struct parts *parts)
{
	parts->parent = parent;
	parts->node[0] = (struct lyd_node *)netstack_find_same(parent, entry);
	parts->count = !!parts->node[0];
}

/* The node that has the slice among its children. */
static struct lyd_node *find_parent(const struct slice *slice, const struct lyd_node *tree)
{
	const struct lyd_node *parent = slice->scope == SCOPE_STACK
						? netstack_find_top(tree)
						: netstack_find_stack(tree, slice->stack);

	return (struct lyd_node *)parent;
}

static void take(const struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		lyd_unlink_tree(parts->node[i]);
}

static void put(struct lyd_node *parent, const struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		if (lyd_insert_child(parent, parts->node[i]) != LY_SUCCESS)
			assertf(!parent, "BUG: %s does not fit into the configuration",
				parts->node[i]->schema->name);
}

static void drop(struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		lyd_free_tree(parts->node[i]);
	parts->count = 0;
}

static struct lyd_node *copy_one(struct lyd_node *parent, const struct lyd_node *node)
{
	struct lyd_node *copied = NULL;

	if (lyd_dup_single(node, (struct lyd_node_inner *)parent,
			   LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS, &copied) != LY_SUCCESS)
		assertf(copied, "BUG: %s cannot be copied", node->schema->name);
	return copied;
}

static void copy(struct lyd_node *parent, const struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		copy_one(parent, parts->node[i]);
}

/* ------------------------------------------------------------------------------------------
 * The slice as it is to be
 */

/*
 * A tree with nothing in it, or with the stack, if the slice is a part of that; and with what is global and
 * has constraints, by default.
 */
static struct lyd_node *new_tree(const struct slice *slice)
{
	const struct lyd_node *like = netstack_find_top(slice->vty->candidate_config->dnode);
	struct lyd_node *tree = NULL, *stack;

	if (lyd_new_inner(NULL, like->schema->module, like->schema->name, 0, &tree) != LY_SUCCESS)
		assertf(tree, "BUG: there is no tree of configuration");
	lyd_new_implicit_tree(tree, LYD_IMPLICIT_NO_STATE, NULL);
	if (slice->scope != SCOPE_STACK &&
	    lyd_new_list(tree, NULL, "stack", 0, &stack, slice->stack) != LY_SUCCESS)
		assertf(!tree, "BUG: %s cannot be a stack", slice->stack);
	return tree;
}

/* The tree that the slice is made in. */
static struct lyd_node *workplace(const struct slice *slice)
{
	if (slice->scope != SCOPE_ENTRY)
		return new_tree(slice);
	if (!strmatch(bench.name, slice->stack)) {
		netstack_slice_terminate();
		strlcpy(bench.name, slice->stack, sizeof(bench.name));
		bench.tree = new_tree(slice);
		bench.stack = find_parent(slice, bench.tree);
	}
	return bench.tree;
}

static bool edit_by_path(struct slice *slice, struct nb_cfg_change *change, char *errmsg,
			 size_t len)
{
	bool error = false;

	nb_candidate_edit_config_changes(&slice->after, change, 1, slice->base, false, errmsg, len,
					 &error);
	return !error;
}

/* The container of this name in the node. */
static struct lyd_node *enter(struct lyd_node *node, const char *name)
{
	struct lyd_node *container = (struct lyd_node *)netstack_child(node, name);

	if (!container && lyd_new_inner(node, NULL, name, 0, &container) != LY_SUCCESS)
		return NULL;
	return container;
}

static bool set_leaf(struct lyd_node *node, const char *name, const char *value)
{
	struct lyd_node *leaf = (struct lyd_node *)netstack_child(node, name);
	LY_ERR error;

	if (!leaf)
		return lyd_new_term(node, NULL, name, value, 0, NULL) == LY_SUCCESS;
	error = lyd_change_term(leaf, value);
	return error == LY_SUCCESS || error == LY_EEXIST || error == LY_ENOT;
}

static bool add_value(struct lyd_node *node, const struct lysc_node *schema, const char *value)
{
	struct lyd_node *known;

	return lyd_find_sibling_val(lyd_child(node), schema, value, 0, &known) == LY_SUCCESS ||
	       lyd_new_term(node, NULL, schema->name, value, 0, NULL) == LY_SUCCESS;
}

/* Of what is not there yet: a container, or a value of a leaf-list. */
static bool create(struct lyd_node *node, const char *name, const char *value)
{
	const struct lysc_node *schema =
		lys_find_child(node->schema, node->schema->module, name, 0, 0, 0);

	if (schema && schema->nodetype == LYS_CONTAINER)
		return enter(node, name);
	return schema && schema->nodetype == LYS_LEAFLIST && value &&
	       add_value(node, schema, value);
}

/*
 * Sets a leaf below the node, "/distance" or "/track/kind", or creates what has no keys, without a
 * search for its path in model and data.  False: it has to be done by path, which has the words for
 * what is wrong.
 */
static bool set_directly(struct lyd_node *node, const char *rest,
			 const struct nb_cfg_change *change)
{
	bool is_created = change->operation == NB_OP_CREATE;
	const char *end;
	char name[64];

	if (!(is_created || (change->operation == NB_OP_MODIFY && change->value)) ||
	    strchr(rest, '['))
		return false;
	while (node && *rest++) {
		end = rest + strcspn(rest, "/");
		snprintf(name, sizeof(name), "%.*s", (int)(end - rest), rest);
		if (!*end)
			return is_created ? create(node, name, change->value)
					  : set_leaf(node, name, change->value);
		node = enter(node, name);
		rest = end;
	}
	return false;
}

/* Makes the changes; `node` is the stack or the entry, NULL if that is to be made by them. */
static bool edit(struct slice *slice, struct lyd_node *node, char *errmsg, size_t len)
{
	struct vty *vty = slice->vty;
	char buf[2 * XPATH_MAXLEN];
	struct slice at;

	for (size_t i = 0; i < vty->num_cfg_changes; i++) {
		struct nb_cfg_change *change = &vty->cfg_changes[i];
		const char *rest = locate(path_of(slice, change, buf, sizeof(buf)), &at);
		bool is_made = node && !*rest && at.scope == slice->scope &&
			       change->operation != NB_OP_DESTROY;
		bool is_in_node =
			node && (at.scope == SCOPE_ENTRY) == (slice->scope == SCOPE_ENTRY);

		if (!is_made && !(is_in_node && set_directly(node, rest, change)) &&
		    !edit_by_path(slice, change, errmsg, len))
			return false;
	}
	return true;
}

static bool has_default(const struct lyd_node *node)
{
	return node->schema->nodetype == LYS_LEAF &&
	       ((const struct lysc_node_leaf *)node->schema)->dflt;
}

/* A leaf that goes back to its default is to be seen doing so: it gets a node that says it. */
static void say_defaults(const struct lyd_node *was, struct lyd_node *parent)
{
	struct lyd_node *same = (struct lyd_node *)netstack_find_same(parent, was);
	const struct lyd_node *child;

	if (same)
		LY_LIST_FOR (lyd_child(was), child)
			say_defaults(child, same);
	else if (has_default(was))
		lyd_new_implicit_tree(parent, LYD_IMPLICIT_NO_STATE, NULL);
}

static bool validate_yang(struct slice *slice, char *errmsg, size_t len)
{
	const struct lys_module *module = slice->after.dnode->schema->module;

	if (lyd_validate_module(&slice->after.dnode, module,
				LYD_VALIDATE_NO_STATE | LYD_VALIDATE_MULTI_ERROR |
					LYD_VALIDATE_NO_DEFAULTS,
				NULL) == LY_SUCCESS)
		return true;
	yang_print_errors(ly_native_ctx, errmsg, len);
	return false;
}

static bool is_destroying(const struct vty *vty)
{
	for (size_t i = 0; i < vty->num_cfg_changes; i++)
		if (vty->cfg_changes[i].operation != NB_OP_DESTROY)
			return false;
	return true;
}

/*
 * Reads "[name='value']", with quotes of either kind and no space: what the commands write.  Returns what is
 * behind it, or NULL: it is not of that form, or of another name.
 */
static const char *read_key(const char *keys, const char *name, const char **value, uint32_t *len)
{
	size_t name_len = strlen(name);
	const char *end;

	if (*keys++ != '[' || strncmp(keys, name, name_len) || keys[name_len] != '=')
		return NULL;
	keys += name_len + 1;
	end = *keys == '\'' || *keys == '"' ? strchr(keys + 1, *keys) : NULL;
	if (!end || end[1] != ']')
		return NULL;
	*value = keys + 1;
	*len = end - *value;
	return end + 2;
}

/* The values of all keys, in the order of the model; false: they are not in that order. */
static bool read_keys(const struct lysc_node *list, const char *keys, const char *values[],
		      uint32_t lens[])
{
	const struct lysc_node *key;
	size_t count = 0;

	LY_LIST_FOR (lysc_node_child(list), key) {
		if (!lysc_is_key(key))
			break;
		if (count == KEYS_MAX)
			return false;
		keys = read_key(keys, key->name, &values[count], &lens[count]);
		if (!keys)
			return false;
		count++;
	}
	return count && !*keys;
}

/* Puts the binary values in the place of the texts, all or none.  Returns what lyd_new_list3() is to be told. */
static uint32_t encode_keys(const struct lysc_node *list, const char *values[], uint32_t lens[],
			    char bufs[][NETSTACK_VALUE_MAX])
{
	const struct lysc_node *key = lysc_node_child(list);
	const char *encoded[KEYS_MAX];
	uint32_t encoded_lens[KEYS_MAX];
	size_t count = 0;

	for (; key && lysc_is_key(key); key = key->next, count++) {
		encoded_lens[count] = lens[count];
		encoded[count] =
			netstack_value_encode(((const struct lysc_node_leaf *)key)->type,
					      values[count], &encoded_lens[count], bufs[count]);
		if (!encoded[count])
			return 0;
	}
	memcpy(values, encoded, count * sizeof(values[0]));
	memcpy(lens, encoded_lens, count * sizeof(lens[0]));
	return LYD_NEW_VAL_BIN;
}

/* The entry by its keys, and nothing else, where it is to be made. */
static struct lyd_node *new_entry(const struct slice *slice, struct lyd_node *stack, char *errmsg,
				  size_t len)
{
	const struct lysc_node *list =
		lys_find_child(stack->schema, stack->schema->module, slice->list, 0, LYS_LIST, 0);
	struct lyd_node *entry = NULL;
	const char *values[KEYS_MAX];
	uint32_t lens[KEYS_MAX];
	char bufs[KEYS_MAX][NETSTACK_VALUE_MAX];
	LY_ERR error;

	/* by a path libyang reads each value twice */
	if (list && read_keys(list, slice->keys, values, lens))
		error = lyd_new_list3(stack, NULL, slice->list, values, lens,
				      encode_keys(list, values, lens, bufs), &entry);
	else
		error = lyd_new_list2(stack, NULL, slice->list, slice->keys, 0, &entry);
	if (error != LY_SUCCESS)
		yang_print_errors(ly_native_ctx, errmsg, len);
	return entry;
}

static bool has_constraint(const struct lysc_node *schema)
{
	return ((schema->flags & LYS_MAND_TRUE) && !lysc_is_key(schema)) ||
	       lysc_node_when(schema) || lysc_node_musts(schema);
}

static bool is_plain(const struct lysc_node *schema)
{
	return schema && schema->nodetype & (LYS_LEAF | LYS_LEAFLIST) && !has_constraint(schema);
}

/* What the next line asks for is mostly the same list. */
static bool children_have_constraints(const struct lysc_node *parent)
{
	static const struct lysc_node *last;
	static bool have;
	const struct lysc_node *schema = NULL;

	if (parent == last)
		return have;
	last = parent;
	have = false;
	while (!have && (schema = lys_getnext(schema, parent, NULL, 0)))
		have = has_constraint(schema);
	return have;
}

/* With nothing but leafs, and none that depends on anything: types are all that there is to see to. */
static bool has_only_plain(const struct lyd_node *entry)
{
	const struct lyd_node *child;

	LY_LIST_FOR (lyd_child(entry), child)
		if (child->schema->nodetype != LYS_LEAF)
			return false;
	return !children_have_constraints(entry->schema);
}

/* Do the changes concern nothing but such leafs of the entry? */
static bool changes_only_plain(const struct slice *slice, const struct lyd_node *entry)
{
	const struct vty *vty = slice->vty;
	char buf[2 * XPATH_MAXLEN];
	struct slice at;

	for (size_t i = 0; i < vty->num_cfg_changes; i++) {
		const char *rest =
			locate(path_of(slice, &vty->cfg_changes[i], buf, sizeof(buf)), &at);
		size_t len = *rest ? strcspn(rest + 1, "[/") : 0;

		if (!len || *skip_predicates(rest + 1 + len) ||
		    !is_plain(lys_find_child(entry->schema, entry->schema->module, rest + 1, len, 0,
					     0)))
			return false;
	}
	return true;
}

/* Is it valid as far as nobody has seen to that yet? */
static bool is_valid_by_itself(const struct slice *slice, const struct lyd_node *entry)
{
	bool was_valid = slice->is_one_tree && slice->in_running.count && !slice->is_replaced;

	return has_only_plain(entry) || (was_valid && changes_only_plain(slice, entry));
}

/*
 * Makes it, from what the candidate has: what another vty has yet to commit goes with it.  The keys
 * are read once: the new entry finds those that there are.
 */
static int make_entry(struct slice *slice, char *errmsg, size_t len)
{
	struct lyd_node *stack = bench.stack;
	struct lyd_node *entry = new_entry(slice, stack, errmsg, len);
	bool is_kept;

	if (!entry)
		return NB_ERR;
	find_same(entry, slice->in_candidate.parent, &slice->in_candidate);
	find_same(entry, slice->in_running.parent, &slice->in_running);
	is_kept = slice->in_candidate.count && !slice->is_replaced;
	if (slice->vanishes || is_kept || is_destroying(slice->vty)) {
		lyd_free_tree(entry);
		entry = NULL;
	}
	if (slice->vanishes || !(entry || is_kept))
		return NB_OK;
	if (!entry)
		entry = copy_one(stack, slice->in_candidate.node[0]);
	slice->to_be = (struct parts){ .node = { entry }, .count = 1 };
	if (!edit(slice, entry, errmsg, len))
		return NB_ERR;
	if (slice->in_running.count)
		say_defaults(slice->in_running.node[0], stack);
	if (is_valid_by_itself(slice, entry))
		return NB_OK;
	return validate_yang(slice, errmsg, len) ? NB_OK : NB_ERR_VALIDATION;
}

/* Makes it if the command says so, without a search for its path. */
static struct lyd_node *new_stack(const struct slice *slice, const struct parts *is)
{
	const struct vty *vty = slice->vty;
	char buf[2 * XPATH_MAXLEN];
	struct lyd_node *stack = NULL;
	struct slice at;

	if (slice->scope == SCOPE_STACK && !is->count &&
	    vty->cfg_changes[0].operation == NB_OP_CREATE &&
	    strmatch(locate(path_of(slice, &vty->cfg_changes[0], buf, sizeof(buf)), &at) ?: "/",
		     ""))
		lyd_new_list(slice->after.dnode, NULL, "stack", 0, &stack, slice->stack);
	return stack;
}

static int make_stack_or_head(struct slice *slice, char *errmsg, size_t len)
{
	struct lyd_node *parent = find_parent(slice, slice->after.dnode);
	struct lyd_node *stack;
	bool is_right;

	find_parts(slice, slice->in_candidate.parent, &slice->in_candidate);
	find_parts(slice, slice->in_running.parent, &slice->in_running);
	if (slice->vanishes)
		return NB_OK;
	copy(parent, &slice->in_candidate);
	stack = slice->scope == SCOPE_HEAD ? parent : new_stack(slice, &slice->in_candidate);
	is_right = edit(slice, stack, errmsg, len);
	for (size_t i = 0; i < slice->in_running.count; i++)
		say_defaults(slice->in_running.node[i], parent);
	if (is_right && !validate_yang(slice, errmsg, len))
		return NB_ERR_VALIDATION;
	find_parts(slice, parent, &slice->to_be);
	return is_right ? NB_OK : NB_ERR;
}

static int make(struct slice *slice, char *errmsg, size_t len)
{
	slice->after.dnode = workplace(slice);
	return slice->scope == SCOPE_ENTRY ? make_entry(slice, errmsg, len)
					   : make_stack_or_head(slice, errmsg, len);
}

/* ------------------------------------------------------------------------------------------
 * The changes
 */

/* There is at most one of each name: the stack, an entry, or settings that are in no list. */
static const struct lyd_node *part_like(const struct parts *parts, const struct lyd_node *node)
{
	for (size_t i = 0; i < parts->count; i++)
		if (parts->node[i]->schema == node->schema)
			return parts->node[i];
	return NULL;
}

static void find_changes(struct slice *slice)
{
	const struct parts *is = &slice->in_running, *will_be = &slice->to_be;
	const struct lyd_node *node;
	uint32_t seq = 0;

	RB_INIT(nb_config_cbs, &slice->changes);
	for (size_t i = 0; i < is->count; i++)
		if (!part_like(will_be, is->node[i]))
			netstack_diff(is->node[i], NULL, &seq, &slice->changes);
	for (size_t i = 0; i < will_be->count; i++) {
		node = will_be->node[i];
		netstack_diff(part_like(is, node), node, &seq, &slice->changes);
	}
}

/* What the model has: nothing is moved, and nothing waits for the end of a transaction. */
static void call_apply(struct nb_context *context, const struct nb_config_cb *change, char *errmsg,
		       size_t len)
{
	union nb_resource resource = {};
	struct nb_cb_create_args create = { context,   NB_EV_APPLY, change->dnode,
					    &resource, errmsg,	    len };
	struct nb_cb_modify_args modify = { context,   NB_EV_APPLY, change->dnode,
					    &resource, errmsg,	    len };
	struct nb_cb_destroy_args destroy = { context, NB_EV_APPLY, change->dnode, errmsg, len };

	if (change->operation == NB_CB_CREATE)
		change->nb_node->cbs.create(&create);
	else if (change->operation == NB_CB_MODIFY)
		change->nb_node->cbs.modify(&modify);
	else if (change->operation == NB_CB_DESTROY)
		change->nb_node->cbs.destroy(&destroy);
}

static void apply(struct slice *slice, struct nb_context *context, char *errmsg, size_t len)
{
	struct nb_config_cb *change;

	RB_FOREACH (change, nb_config_cbs, &slice->changes)
		call_apply(context, change, errmsg, len);
	running_config->version++;
	if (slice->is_one_tree)
		return;
	drop(&slice->in_running);
	copy(slice->in_running.parent, &slice->to_be);
	slice->vty->candidate_config->version = running_config->version;
}

static int validate(struct slice *slice, struct nb_context *context, char *errmsg, size_t len)
{
	int ret;

	if (RB_EMPTY(nb_config_cbs, &slice->changes))
		return NB_OK;
	netstack_validate_keep(slice->before.dnode);
	ret = nb_candidate_validate_code(context, &slice->after, &slice->changes, errmsg, len);
	netstack_validate_keep(NULL);
	return ret;
}

/*
 * Takes what is to be replaced out of the candidate.  The callbacks are to find the stack of what
 * goes: if it was a node of the running configuration it goes into a tree of its own, with that.
 */
static void take_away(struct slice *slice)
{
	take(&slice->in_candidate);
	if (slice->is_one_tree && slice->in_candidate.count) {
		slice->before.dnode = new_tree(slice);
		put(find_parent(slice, slice->before.dnode), &slice->in_candidate);
	}
}

/* With the slice in its place in the candidate. */
static int check_and_apply(struct slice *slice, char *errmsg, size_t len)
{
	struct nb_context context = { .client = NB_CLIENT_CLI, .user = slice->vty };
	struct lyd_node *parent = slice->in_candidate.parent;
	int ret;

	take_away(slice);
	take(&slice->to_be);
	put(parent, &slice->to_be);
	ret = validate(slice, &context, errmsg, len);
	if (ret != NB_OK) {
		take(&slice->to_be);
		take(&slice->in_candidate);
		put(parent, &slice->in_candidate);
		drop(&slice->to_be);
		return ret;
	}
	if (!RB_EMPTY(nb_config_cbs, &slice->changes))
		apply(slice, &context, errmsg, len);
	drop(&slice->in_candidate);
	return NB_OK;
}

/* ------------------------------------------------------------------------------------------
 * All of it
 */

/* Where the slice is in both; a part of a stack that one of them has not: all of the stack. */
static void find_places(struct slice *slice)
{
	struct lyd_node *candidate = slice->vty->candidate_config->dnode;
	struct lyd_node *running = running_config->dnode;
	char literal[NETSTACK_NAME_MAX + 3];

	slice->in_candidate.parent = find_parent(slice, candidate);
	slice->in_running.parent =
		slice->is_one_tree ? slice->in_candidate.parent : find_parent(slice, running);
	if (slice->scope != SCOPE_STACK &&
	    !(slice->in_candidate.parent && slice->in_running.parent)) {
		slice->scope = SCOPE_STACK;
		slice->vanishes = false;
		find_places(slice);
		return;
	}
	if (slice->scope == SCOPE_STACK)
		snprintf(slice->keys, sizeof(slice->keys), "[name=%s]",
			 netstack_xpath_literal(literal, sizeof(literal), slice->stack));
}

/* Is the node there that the changes are relative to? */
static bool base_exists(const struct slice *slice)
{
	const struct lyd_node *tree = slice->vty->candidate_config->dnode, *stack;
	struct slice at;

	if (!slice->base[0] || slice->vty->type == VTY_FILE)
		return true;
	if (!locate(slice->base, &at))
		return yang_dnode_exists(tree, slice->base);
	stack = netstack_find_stack(tree, at.stack);
	if (at.scope != SCOPE_ENTRY)
		return stack;
	return stack && netstack_find_entry(stack, at.list, at.keys);
}

static void clean(struct slice *slice)
{
	nb_config_diff_del_changes(&slice->changes);
	lyd_free_all(slice->before.dnode);
	if (slice->after.dnode != bench.tree)
		lyd_free_all(slice->after.dnode);
}

int netstack_slice_commit(struct vty *vty, char *errmsg, size_t len)
{
	struct slice slice = {
		.vty = vty,
		.base = vty->xpath_index > 0 ? VTY_CURR_XPATH : "",
		.is_one_tree = vty->candidate_config->dnode == running_config->dnode,
	};
	int ret;

	errmsg[0] = '\0';
	RB_INIT(nb_config_cbs, &slice.changes);
	if (!find_scope(&slice) || !base_exists(&slice))
		return NB_ERR_NOT_FOUND;
	find_places(&slice);
	ret = make(&slice, errmsg, len);
	if (ret == NB_OK) {
		find_changes(&slice);
		ret = check_and_apply(&slice, errmsg, len);
	} else {
		drop(&slice.to_be);
	}
	clean(&slice);
	return ret;
}

void netstack_slice_terminate(void)
{
	lyd_free_all(bench.tree);
	bench.tree = bench.stack = NULL;
	bench.name[0] = '\0';
}
