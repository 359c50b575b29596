// What must hold when a session is over, whatever went wrong in it.

using System;
using System.Collections.Generic;
using System.Linq;

using Gateway.Exchange;
using Gateway.Session;

namespace Gateway.Running;

internal static class RunCheck
{
    /// <summary>What does not hold, each in a line.</summary>
    public static IReadOnlyList<string> ProblemsOf(RunResult result, Tape tape, BookBuilder book, RiskDesk risk, Recorder recorder, AnswerLog answers)
    {
        List<string> problems = [];
        Check(result.Lost == 0, $"{result.Lost} messages did not reach everybody");
        Check(result.OutOfOrder == 0, $"{result.OutOfOrder} messages came out of order");
        Check(result.Messages != tape.Messages || result.Figures == tape.Expected, $"the books differ from the exchange's: {result.Figures} instead of {tape.Expected}");
        Check(result.Messages != tape.Messages || result.RestingBySymbol.SequenceEqual(tape.ExpectedResting), $"what rests by symbol differs from the exchange's");
        Check(book.SnapshotsDiffering == 0, $"{book.SnapshotsDiffering} of {book.SnapshotsChecked} snapshots differ from the books");
        Check(result.Lost != 0 || risk.TradedQuantity == result.Figures.TradedQuantity, $"risk has seen {risk.TradedQuantity} traded, the book {result.Figures.TradedQuantity}");
        Check(recorder.IsComplete, $"the recording lacks its end");
        Check(answers.Problems == 0, $"{answers.Problems} answers made no sense");
        Check(answers.Acknowledged == result.Messages, $"the exchange knows of {answers.Acknowledged} messages applied, of {result.Messages}");
        Check(result.BuffersOut == 0, $"{result.BuffersOut} buffers have not been returned");
        return problems;

        void Check(bool holds, FormattableString otherwise)
        {
            if (!holds)
            {
                problems.Add(FormattableString.Invariant(otherwise));
            }
        }
    }
}
