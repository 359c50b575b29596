// Walks all that is reachable from the output of a generator's step. A compilation, symbol or syntax node among it would keep a whole
// compilation in the IDE's memory and make the step unequal on every edit.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Reflection;

using Microsoft.CodeAnalysis;

using Xunit;

namespace NativeHeap.Generators.Tests.Harness;

internal static class ObjectGraph
{
    private const BindingFlags AllFields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static void AssertFreeOfCompilerObjects(object? root) => Visit(root, new HashSet<object>(ReferenceEqualityComparer.Instance));

    private static void Visit(object? node, HashSet<object> seen)
    {
        if (node is null || !seen.Add(node))
        {
            return;
        }

        Type type = node.GetType();
        Assert.False(node is Compilation or ISymbol or SyntaxNode or SyntaxTree or SemanticModel or Location, $"A step's output holds a {type}.");
        if (type.IsPrimitive || type.IsEnum || node is string or Pointer)
        {
            return;
        }

        if (node is IEnumerable items)
        {
            foreach (object? item in items)
            {
                Visit(item, seen);
            }
        }

        for (Type? declaring = type; declaring is not null; declaring = declaring.BaseType)
        {
            foreach (FieldInfo field in declaring.GetFields(AllFields))
            {
                Visit(field.GetValue(node), seen);
            }
        }
    }
}
