// A stand-in for the names of xunit that the scenarios use: attributes that mark, and assertions that throw. Only as much as is used.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Xunit;

[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactAttribute : Attribute;

[AttributeUsage(AttributeTargets.Method)]
internal sealed class TheoryAttribute : Attribute;

[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class InlineDataAttribute(params object?[] arguments) : Attribute
{
    public object?[] Arguments { get; } = arguments;
}

[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class MemberDataAttribute(string member) : Attribute
{
    public string Member { get; } = member;
}

[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "The name is xunit's.")]
public sealed class TheoryData<T> : List<T>;

internal sealed class TestContext
{
    public static TestContext Current { get; } = new();

    public CancellationToken CancellationToken { get; }
}

[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Thrown here and printed by the program, nothing else.")]
internal sealed class AssertionException(string message) : Exception(message);

[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Thrown here and printed by the program, nothing else.")]
internal sealed class SkipException(string reason) : Exception(reason);

internal static class Assert
{
    public static void True([DoesNotReturnIf(false)] bool condition, string? message = null) => Require(condition, message ?? "Expected true.");

    public static void False([DoesNotReturnIf(true)] bool condition, string? message = null) => Require(!condition, message ?? "Expected false.");

    public static void Equal<T>(T expected, T actual) =>
        Require(
            expected is IEnumerable items and not string && actual is IEnumerable others
                ? items.Cast<object?>().SequenceEqual(others.Cast<object?>())
                : EqualityComparer<T>.Default.Equals(expected, actual),
            $"Expected {TextOf(expected)}, was {TextOf(actual)}.");

    public static void Equal<T>(IReadOnlyList<T> expected, IReadOnlyList<T> actual) =>
        Require(expected.SequenceEqual(actual), $"Expected {string.Join(", ", expected)}, was {string.Join(", ", actual)}.");

    public static void Empty<T>(IReadOnlyCollection<T> actual) => Require(actual.Count == 0, $"Expected none, was {string.Join(", ", actual)}.");

    public static void All<T>(IEnumerable<T> items, Action<T> action)
    {
        foreach (T item in items)
        {
            action(item);
        }
    }

    public static void DoesNotContain<T>(IEnumerable<T> actual, Predicate<T> condition) => Require(!actual.Any(item => condition(item)), "Expected none of a kind.");

    public static void DoesNotContain<T>(T expected, IEnumerable<T> actual) => Require(!actual.Contains(expected), $"Expected no {expected}.");

    public static T Single<T>(IReadOnlyList<T> actual)
    {
        Require(actual.Count == 1, $"Expected one, was {string.Join(", ", actual)}.");
        return actual[0];
    }

    public static void NotEqual<T>(T expected, T actual) =>
        Require(!EqualityComparer<T>.Default.Equals(expected, actual), $"Expected another value than {expected}.");

    public static void Same(object? expected, object? actual) => Require(ReferenceEquals(expected, actual), $"Expected {expected}, was another: {actual}.");

    public static void NotSame(object? expected, object? actual) => Require(!ReferenceEquals(expected, actual), $"Expected another than {expected}.");

    public static void NotNull(object? actual) => Require(actual is not null, "Expected something.");

    public static void Null(object? actual) => Require(actual is null, $"Expected null, was {actual}.");

    public static void InRange<T>(T actual, T low, T high)
        where T : IComparable<T>
        => Require(actual.CompareTo(low) >= 0 && actual.CompareTo(high) <= 0, $"Expected {low} to {high}, was {actual}.");

    public static void Contains(string expected, string actual, StringComparison comparison) =>
        Require(actual.Contains(expected, comparison), $"Expected '{expected}' in '{actual}'.");

    public static T Throws<T>(Func<object?> action)
        where T : Exception
        => Throws<T>(() => { _ = action(); });

    public static T Throws<T>(Action action)
        where T : Exception
    {
        try
        {
            action();
        }
        catch (T error) when (error.GetType() == typeof(T))
        {
            return error;
        }

        throw new AssertionException(string.Create(CultureInfo.InvariantCulture, $"Expected {typeof(T).Name}."));
    }

    public static void ThrowsAny<T>(Action action)
        where T : Exception
    {
        try
        {
            action();
        }
        catch (T)
        {
            return;
        }

        throw new AssertionException($"Expected {typeof(T).Name}.");
    }

    public static async Task<T> ThrowsAsync<T>(Func<Task> action)
        where T : Exception
    {
        try
        {
            await action().ConfigureAwait(false);
        }
        catch (T error) when (error.GetType() == typeof(T))
        {
            return error;
        }

        throw new AssertionException($"Expected {typeof(T).Name}.");
    }

    public static async Task<T> ThrowsAnyAsync<T>(Func<Task> action)
        where T : Exception
    {
        try
        {
            await action().ConfigureAwait(false);
        }
        catch (T error)
        {
            return error;
        }

        throw new AssertionException($"Expected {typeof(T).Name}.");
    }

    [DoesNotReturn]
    public static void Fail(string message) => throw new AssertionException(message);

    public static void SkipUnless([DoesNotReturnIf(false)] bool condition, string reason) => SkipWhen(!condition, reason);

    public static void SkipWhen([DoesNotReturnIf(true)] bool condition, string reason)
    {
        if (condition)
        {
            throw new SkipException(reason);
        }
    }

    private static string TextOf(object? value) => value is IEnumerable items and not string ? string.Join(", ", items.Cast<object?>()) : $"{value}";

    private static void Require([DoesNotReturnIf(false)] bool condition, string message)
    {
        if (!condition)
        {
            throw new AssertionException(message);
        }
    }
}
