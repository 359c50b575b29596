using System;

using Xunit;

namespace NativeHeap.Tests.Collections;

/// <summary>Assertions that the tests of collections share.</summary>
internal static class CollectionChecks
{
    /// <summary>Asserts that an action fails, and with which words.</summary>
    public static void AssertSays<TException>(Func<object?> action, string words)
        where TException : Exception
        => Assert.Contains(words, Assert.Throws<TException>(action).Message, StringComparison.Ordinal);

    /// <inheritdoc cref="AssertSays{TException}(Func{object}, string)"/>
    public static void AssertSays<TException>(Action action, string words)
        where TException : Exception
        => Assert.Contains(words, Assert.Throws<TException>(action).Message, StringComparison.Ordinal);
}
