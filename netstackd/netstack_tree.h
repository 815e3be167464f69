// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Looking things up in a tree of configuration: paths, children, entries of lists.
 *
 * What is found belongs to the tree.
 */

#ifndef _NETSTACK_TREE_H
#define _NETSTACK_TREE_H

struct lyd_node;

/*
 * Data path of a stack: "/frr-netstack:netstack/stack[name='blue']".  The name must have passed
 * netstack_check_name(), which sees to it that one kind of quotes can hold it.  Returns buf.
 */
extern const char *netstack_xpath(char *buf, size_t len, const char *stack);
/* The name in such a path, or in one below it; false if there is none. */
extern bool netstack_xpath_name(const char *xpath, char *name, size_t len);
/* 'value' or "value", whichever can hold it.  Returns buf. */
extern const char *netstack_xpath_literal(char *buf, size_t len, const char *value);

/*
 * The child of a node of the tree that is the only one of its name, and its value: as
 * yang_dnode_get() and yang_dnode_get_string() have them, but without XPath, which costs more than
 * all else that is done with a leaf.  NULL: there is none.
 */
extern const struct lyd_node *netstack_child(const struct lyd_node *node, const char *name);
extern const char *netstack_leaf(const struct lyd_node *node, const char *name);
/* The value, or that which the model has for it: most trees have no nodes for those (netstack_slice.c). */
extern const char *netstack_leaf_or_default(const struct lyd_node *node, const char *name);

/*
 * An entry of a list that is a child of the node, by all of its keys: "[name='vmk1']"; or of a
 * leaf-list, by its value.  They have to be ones that the model allows.  NULL: there is none.
 */
extern const struct lyd_node *netstack_find_entry(const struct lyd_node *node, const char *list,
						  const char *keys);
/* The same of a list whose key is a name: 36 octets at most. */
extern const struct lyd_node *netstack_find_named(const struct lyd_node *node, const char *list,
						  const char *name);
/* The node as this parent has it: an entry by its keys or value, all else by its name.  NULL: it has none. */
extern const struct lyd_node *netstack_find_same(const struct lyd_node *parent,
						 const struct lyd_node *node);
/* The container of all stacks in the tree that this node is of; NULL: there is none. */
extern const struct lyd_node *netstack_find_top(const struct lyd_node *tree);
/* A stack in the tree that this node is of; the name has passed netstack_check_name(). */
extern const struct lyd_node *netstack_find_stack(const struct lyd_node *tree, const char *stack);
/* Frees what is kept from one look-up to the next. */
extern void netstack_tree_terminate(void);

#endif /* _NETSTACK_TREE_H */
