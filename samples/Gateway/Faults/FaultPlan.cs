// What is to go wrong in a run, on purpose: one thing, at one message.
//
//     torn        the exchange's connection ends in the middle of the message      the gateway connects again and asks for the message
//     malformed   the message comes damaged, once                                   likewise
//     poisoned    the message comes damaged each time                               it gives up: the run is not right
//     killed      a consumer dies with the message in its hands                     another thread takes its place, and the message
//     dead        a consumer dies with it each time                                 it is given up: the run is not right
//     slow        a consumer takes a second over the message                        the others wait for it
//     stuck       a consumer never comes back from it                               it is given up: the run is not right
//
// Each happens where what it stands for would: in the exchange's sender, or in the consumer's loop before the message is handled. Nothing else in the gateway knows of it.

using System;
using System.Threading;

namespace Gateway.Faults;

internal enum FaultKind
{
    None,
    Torn,
    Malformed,
    Poisoned,
    Killed,
    Dead,
    Slow,
    Stuck,
}

internal enum ConsumerName
{
    Book,
    Risk,
    Recording,
    Answers,
}

internal static class FaultKinds
{
    public const string Way = "write --fault torn, malformed, poisoned, killed, dead, slow or stuck";
    public const string ConsumerWay = "write --consumer book, risk, recording or answers";

    public static bool TryParse(string value, out FaultKind kind)
    {
        kind = value switch
        {
            "torn" => FaultKind.Torn,
            "malformed" => FaultKind.Malformed,
            "poisoned" => FaultKind.Poisoned,
            "killed" => FaultKind.Killed,
            "dead" => FaultKind.Dead,
            "slow" => FaultKind.Slow,
            "stuck" => FaultKind.Stuck,
            _ => FaultKind.None,
        };
        return kind != FaultKind.None;
    }

    public static bool TryParse(string value, out ConsumerName consumer)
    {
        consumer = value switch
        {
            "book" => ConsumerName.Book,
            "risk" => ConsumerName.Risk,
            "answers" => ConsumerName.Answers,
            _ => ConsumerName.Recording,
        };
        return value is "book" or "risk" or "recording" or "answers";
    }

    public static string Name(this ConsumerName consumer) => consumer switch
    {
        ConsumerName.Book => "book",
        ConsumerName.Risk => "risk",
        ConsumerName.Answers => "answers",
        _ => "recording",
    };

    /// <summary>Whether it strikes a consumer rather than the wire.</summary>
    public static bool IsOfConsumer(this FaultKind kind) => kind >= FaultKind.Killed;

    /// <summary>Whether the gateway can get over it, so that in the end nothing is missing.</summary>
    public static bool IsSurvivable(this FaultKind kind) => kind is not (FaultKind.Poisoned or FaultKind.Dead or FaultKind.Stuck);
}

/// <summary>A fault and where it strikes.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Sequence">At which message.</param>
/// <param name="Consumer">In which consumer, if it is one of consumers.</param>
internal sealed record FaultPlan(FaultKind Kind, long Sequence, ConsumerName Consumer)
{
    public static readonly TimeSpan SlowFor = TimeSpan.FromSeconds(1);

    private int _struck;

    public static FaultPlan None { get; } = new(FaultKind.None, 0, ConsumerName.Recording);

    /// <summary>Whether the wire is to go wrong at a message, now.</summary>
    public bool StrikesWire(long sequence) => sequence == Sequence && !Kind.IsOfConsumer() && Kind != FaultKind.None && Strikes();

    /// <summary>Lets a consumer suffer what is planned for it at a message.</summary>
    /// <param name="consumer">Which one.</param>
    /// <param name="sequence">The message that it is about to handle.</param>
    /// <param name="stop">Ends the run: even a stuck consumer lets go then.</param>
    /// <exception cref="ConsumerKilledException">It dies.</exception>
    public void StrikeConsumer(ConsumerName consumer, long sequence, CancellationToken stop)
    {
        if (sequence == Sequence && consumer == Consumer && Kind.IsOfConsumer() && Strikes())
        {
            Suffer(consumer, sequence, stop);
        }
    }

    private void Suffer(ConsumerName consumer, long sequence, CancellationToken stop)
    {
        switch (Kind)
        {
            case FaultKind.Slow:
                stop.WaitHandle.WaitOne(SlowFor);
                break;
            case FaultKind.Stuck:
                stop.WaitHandle.WaitOne();
                break;
            default:
                throw new ConsumerKilledException(FormattableString.Invariant($"killed at message {sequence}"));
        }
    }

    // Those that are not survivable strike again and again.
    private bool Strikes() => !Kind.IsSurvivable() || Interlocked.Exchange(ref _struck, 1) == 0;
}

/// <summary>A consumer's thread has been ended in the middle of its work.</summary>
internal sealed class ConsumerKilledException : Exception
{
    public ConsumerKilledException()
    {
    }

    public ConsumerKilledException(string message)
        : base(message)
    {
    }

    public ConsumerKilledException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
