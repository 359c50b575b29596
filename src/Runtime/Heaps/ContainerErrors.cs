// The errors that all containers have in common, tables and pools as lists and boxes: a struct that stands for nothing, and how a container's type is named in a message.

using System;
using System.Linq;

namespace NativeHeap.Heaps;

/// <summary>Makes the exceptions that users of any container see.</summary>
internal static class ContainerErrors
{
    /// <summary>A struct whose container is gone, or that never had one.</summary>
    /// <param name="container">The struct's type.</param>
    /// <param name="token">Its word.</param>
    public static Exception NoContainer(Type container, ulong token) =>
        token == 0
            ? new InvalidOperationException($"This {NameOf(container)} is default, which is no container. Make one by new {NameOf(container)}(), and dispose of it.")
            : new ObjectDisposedException(NameOf(container), "The container has been disposed of or its heap has been, and every element in it with it. This may be a copy of the variable that it was disposed by.");

    /// <summary>The name of a container's type as its users write it.</summary>
    public static string NameOf(Type container) => container.IsGenericType
        ? $"{container.Name[..container.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", container.GenericTypeArguments.Select(NameOf))}>"
        : container.Name;
}
