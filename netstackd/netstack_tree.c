// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Looking things up in a tree of configuration.
 */

#include <zebra.h>

#include "northbound.h"
#include "printfrr.h"
#include "yang.h"

#include "netstackd/netstack_desired.h"
#include "netstackd/netstack_tree.h"

/*
 * What is looked up is mostly the stack of the last time: by a node that has its name it is found
 * without reading that name as a key of the model.
 */
static struct lyd_node *last_stack;

#define STACK_XPATH "/frr-netstack:netstack/stack[name="

const char *netstack_xpath_literal(char *buf, size_t len, const char *value)
{
	char quote = strchr(value, '\'') ? '"' : '\'';

	snprintfrr(buf, len, "%c%s%c", quote, value, quote);
	return buf;
}

const char *netstack_xpath(char *buf, size_t len, const char *stack)
{
	char literal[NETSTACK_NAME_MAX + 3];

	snprintf(buf, len, STACK_XPATH "%s]",
		 netstack_xpath_literal(literal, sizeof(literal), stack));
	return buf;
}

bool netstack_xpath_name(const char *xpath, char *name, size_t len)
{
	const char *start, *end;

	if (strncmp(xpath, STACK_XPATH, strlen(STACK_XPATH)))
		return false;
	start = xpath + strlen(STACK_XPATH);
	end = *start ? strchr(start + 1, *start) : NULL;
	if (!end || (size_t)(end - start) > len)
		return false;
	strlcpy(name, start + 1, end - start);
	return true;
}

static const struct lysc_node *child_schema(const struct lyd_node *node, const char *name)
{
	const struct lysc_node *schema = NULL;

	while ((schema = lys_getnext(schema, node->schema, NULL, 0)))
		if (strmatch(schema->name, name))
			break;
	return schema;
}

/* An entry of a list has no more children; those of a stack are a hundred thousand routes. */
#define FEW 8

const struct lyd_node *netstack_child(const struct lyd_node *node, const char *name)
{
	const struct lysc_node *schema;
	struct lyd_node *child;
	int looked_at = 0;

	LY_LIST_FOR (lyd_child(node), child) {
		if (strmatch(child->schema->name, name))
			return child;
		if (++looked_at == FEW)
			break;
	}
	if (!child)
		return NULL;
	child = NULL;
	schema = child_schema(node, name);
	if (schema)
		lyd_find_sibling_val(lyd_child(node), schema, NULL, 0, &child);
	return child;
}

const char *netstack_leaf(const struct lyd_node *node, const char *name)
{
	const struct lyd_node *leaf = netstack_child(node, name);

	return leaf ? lyd_get_value(leaf) : NULL;
}

const char *netstack_leaf_or_default(const struct lyd_node *node, const char *name)
{
	const char *value = netstack_leaf(node, name);
	const struct lysc_node *schema = value ? NULL : child_schema(node, name);
	const struct lyd_value *by_default = schema && schema->nodetype == LYS_LEAF
						     ? ((const struct lysc_node_leaf *)schema)->dflt
						     : NULL;

	return by_default ? lyd_value_get_canonical(ly_native_ctx, by_default) : value;
}

const struct lyd_node *netstack_find_entry(const struct lyd_node *node, const char *list,
					   const char *keys)
{
	struct lyd_node *entry = NULL;

	lyd_find_sibling_val(lyd_child(node), child_schema(node, list), keys, 0, &entry);
	return entry;
}

const struct lyd_node *netstack_find_named(const struct lyd_node *node, const char *list,
					   const char *name)
{
	char literal[NETSTACK_NAME_MAX + 3], keys[sizeof(literal) + 8];

	snprintf(keys, sizeof(keys), "[name=%s]",
		 netstack_xpath_literal(literal, sizeof(literal), name));
	return netstack_find_entry(node, list, keys);
}

const struct lyd_node *netstack_find_same(const struct lyd_node *parent,
					  const struct lyd_node *node)
{
	struct lyd_node *same = NULL;

	if (node->schema->nodetype & (LYS_LIST | LYS_LEAFLIST))
		lyd_find_sibling_first(lyd_child(parent), node, &same);
	else
		lyd_find_sibling_val(lyd_child(parent), node->schema, NULL, 0, &same);
	return same;
}

const struct lyd_node *netstack_find_top(const struct lyd_node *tree)
{
	const struct lyd_node *top;

	while (lyd_parent(tree))
		tree = lyd_parent(tree);
	LY_LIST_FOR (lyd_first_sibling(tree), top)
		if (strmatch(top->schema->name, "netstack") &&
		    strmatch(top->schema->module->name, "frr-netstack"))
			return top;
	return NULL;
}

void netstack_tree_terminate(void)
{
	lyd_free_all(last_stack);
	last_stack = NULL;
}

/* A stack of this name in a tree of its own, with the key and nothing else. */
static const struct lyd_node *stack_by_name(const struct lyd_node *top, const char *stack)
{
	const struct lys_module *module = top->schema->module;
	struct lyd_node *tree = NULL, *found = NULL;

	if (last_stack && strmatch(lyd_get_value(lyd_child(last_stack)), stack))
		return last_stack;
	netstack_tree_terminate();
	if (lyd_new_inner(NULL, module, top->schema->name, 0, &tree) != LY_SUCCESS ||
	    lyd_new_list(tree, NULL, "stack", 0, &found, stack) != LY_SUCCESS)
		lyd_free_all(tree);
	last_stack = found;
	return last_stack;
}

const struct lyd_node *netstack_find_stack(const struct lyd_node *tree, const char *stack)
{
	const struct lyd_node *top = netstack_find_top(tree);
	const struct lyd_node *like = top ? stack_by_name(top, stack) : NULL;
	struct lyd_node *found = NULL;

	if (like)
		lyd_find_sibling_first(lyd_child(top), like, &found);
	return found;
}
